"""Which header values the document allows: Schemathesis sends "0" where it cannot make a pattern's text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

_KEYWORDS = ("type", "pattern", "enum", "minLength", "maxLength")


class HeaderRules:
    """The schemas of declared header parameters, by operation and lower-case name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._by_operation: dict[str, dict[str, Draft202012Validator]] = {}
        for subject, parameter in _header_parameters(document):
            schema = parameter.get("schema", _own_schema(parameter))
            if isinstance(schema, dict) and schema.get("type") == "string":
                validators = self._by_operation.setdefault(subject, {})
                validators[str(parameter["name"]).lower()] = Draft202012Validator(schema)

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


def _is_valid(validator: Draft202012Validator, value: str) -> bool:
    try:
        return validator.is_valid(value)
    except (SchemaError, ValueError, TypeError):
        return True  # a schema that nobody can read excuses nothing
