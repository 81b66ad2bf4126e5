"""Compiles the schemas of an OpenAPI document, 3.0 and 3.1, for judges that hold values against them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.core.components import components_for

_DEEPEST = 12


class DocumentSchemas:
    """The validators of one document; `formats` also holds strings against the formats they declare."""

    def __init__(self, document: Mapping[str, Any], *, formats: bool = False) -> None:
        self._modern: Callable[[Any], Any] = _modern if _is_old(document) else lambda node: node
        self._components = self._modern(document.get("components", {}))
        self._formats = formats
        self._validators: dict[int, tuple[Any, Any]] = {}

    def violations(self, schema: Any, value: Any) -> Iterator[tuple[str, str]]:
        """Yield each keyword that a value breaks, and the sentence that says how."""
        validator = self._validator(schema)
        if validator is None:
            return
        for error in validator.iter_errors(value):
            where = "/" + "/".join(str(part) for part in error.instance_path)
            yield str(error.schema_path[-1]) if error.schema_path else "", f"{where} {error.message[:200]}"

    def _validator(self, schema: Any) -> Any:
        """Return the compiled schema, None for one that nobody can read; the schema is kept, so its id is."""
        if id(schema) not in self._validators:
            self._validators[id(schema)] = (schema, self._compiled(schema))
        return self._validators[id(schema)][1]

    def _compiled(self, schema: Any) -> Any:
        from jsonschema_rs import Draft202012Validator, ValidationError  # noqa: PLC0415 - loaded once needed

        if not isinstance(schema, dict):
            return None
        modern = self._modern(schema)
        rooted = {**modern, "components": components_for(modern, self._components)}
        try:
            return Draft202012Validator(rooted, offline=True, validate_formats=self._formats)
        except (ValidationError, ValueError):
            return None  # a schema nobody can read is the business of openapi-valid


def _is_old(document: Mapping[str, Any]) -> bool:
    return str(document.get("openapi", "")).startswith("3.0")


def _modern(node: Any) -> Any:
    """Return a schema of OpenAPI 3.0 in the dialect of 3.1: nullable, and exclusive limits as numbers."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    new = {name: _modern(value) for name, value in node.items() if name != "nullable"}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(new.get(exclusive), bool):
            is_exclusive = new.pop(exclusive)
            if is_exclusive and limit in new:
                new[exclusive] = new.pop(limit)
    return _nullable(new) if node.get("nullable") is True else new


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def under(node: Any, *path: str) -> Any:
    """Return what stands at a path of members, or None."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def resolved(document: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """Follow references inside the document; what leads nowhere is empty."""
    for _ in range(_DEEPEST):
        reference = under(node, "$ref")
        if not isinstance(reference, str):
            break
        steps = (part.replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))
        node = under(document, *steps) if reference.startswith("#/") else None
    return node if isinstance(node, dict) else {}


def response_of(document: Mapping[str, Any], path: str, method: str, status: int) -> Mapping[str, Any]:
    """Return what the document declares for a status of an operation, or nothing."""
    responses = under(document, "paths", path, method.lower(), "responses")
    for key in (str(status), f"{status // 100}XX", "default"):
        if isinstance(responses, dict) and key in responses:
            return resolved(document, responses[key])
    return {}
