"""Makes an example of a JSON Schema from what the schema says, so that every request body shows one."""

from collections.abc import Mapping
from typing import Any

_FORMATS = {
    "date-time": "2026-01-01T12:00:00Z",
    "date": "2026-01-01",
    "email": "reader@example.org",
    "uri": "https://example.org/",
    "uuid": "6f1c1d2e-3b4a-4c5d-8e9f-0a1b2c3d4e5f",
}
_REFERENCE = "#/components/schemas/"


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """The schema's own example, else the simplest value that it describes."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_REFERENCE)], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return example_of(schema[word][0], schemas)
    return _by_type(schema, schemas)


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas)
    if kind == "array":
        item = example_of(schema.get("items", {}), schemas)
        return [item] * max(1, schema.get("minItems", 1))
    if kind in {"integer", "number"}:
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return _text(schema)


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", ())
    members = schema.get("properties", {})
    return {name: example_of(member, schemas) for name, member in members.items() if name in required}


def _text(schema: Mapping[str, Any]) -> str:
    text = _FORMATS.get(schema.get("format", ""), "text")
    shortest, longest = int(schema.get("minLength", 0)), int(schema.get("maxLength", 200))
    return (text + "x" * max(0, shortest - len(text)))[:longest]
