"""Which header values the document allows: Schemathesis sends "0" where it cannot make a pattern's text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

_KEYWORDS = ("type", "pattern", "enum", "minLength", "maxLength")


class HeaderRules:
    """The schemas of declared header parameters, by operation and lower-case name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._by_operation: dict[str, dict[str, Draft202012Validator | None]] = {}
        for subject, parameter in _header_parameters(document):
            schema = parameter.get("schema", _own_schema(parameter))
            if isinstance(schema, dict) and schema.get("type") == "string":
                validators = self._by_operation.setdefault(subject, {})
                validators[str(parameter["name"]).lower()] = compiled(schema)

    def allow(self, subject: str, headers: Iterable[tuple[str, str]]) -> bool:
        """Whether every declared header that was sent has a value of its schema."""
        validators = self._by_operation.get(subject, {})
        return all(
            _is_valid(validators[name.lower()], value)
            for name, value in headers
            if name.lower() in validators
        )


def _header_parameters(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if not isinstance(operation, Mapping):
                continue
            for parameter in (*_listed(item), *_listed(operation)):
                if isinstance(parameter, Mapping) and parameter.get("in") == "header":
                    yield f"{method.upper()} {path}", parameter


def _own_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Swagger 2.0 writes into the parameter itself."""
    return {name: parameter[name] for name in _KEYWORDS if name in parameter}


def _listed(node: Mapping[str, Any]) -> list[Any]:
    found = node.get("parameters")
    return found if isinstance(found, list) else []


def compiled(schema: Mapping[str, Any]) -> Draft202012Validator | None:
    """Return a validator that asks no other address for a reference; None for what is no schema."""
    try:
        return Draft202012Validator(dict(schema), offline=True)
    except (ValidationError, ValueError):
        return None


def _is_valid(validator: Draft202012Validator | None, value: str) -> bool:
    return validator is None or validator.is_valid(value)  # a schema that nobody can read excuses nothing
