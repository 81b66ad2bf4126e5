"""A concrete path for a declared operation: parameters take the document's own examples where it has some."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from harness.core.operation import Operation
from harness.layers.scenarios.samples import resolved

_BY_TYPE: Mapping[str, object] = {"integer": 1, "number": 1, "boolean": "true", "array": 1, "object": 1}
_BY_FORMAT: Mapping[str, object] = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-02",
    "date-time": "2026-01-02T03:04:05Z",
}


def concrete_path(operation: Operation, document: Mapping[str, Any], *, prefix: str = "") -> str:
    """Return the path with every parameter filled in; required query parameters are left out."""
    schemas = _path_parameters(operation, document)

    def value(match: re.Match[str]) -> str:
        return quote(str(_value(schemas.get(match[1], {}))), safe="")

    return prefix + re.sub(r"\{([^}]+)\}", value, operation.path)


def _path_parameters(operation: Operation, document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    item = document.get("paths", {}).get(operation.path, {})
    declared: Iterable[Any] = (
        *item.get("parameters", ()),
        *item.get(operation.method.lower(), {}).get("parameters", ()),
    )
    parameters = (resolved(each, document) for each in declared)
    return {each["name"]: each for each in parameters if each.get("in") == "path"}


def _value(parameter: Mapping[str, Any]) -> object:
    schema = parameter.get("schema", {})
    for holder in (parameter, schema):
        if "example" in holder:
            return holder["example"]
        examples = holder.get("examples")
        if isinstance(examples, dict) and examples:
            first = next(iter(examples.values()))
            return first.get("value", 1) if isinstance(first, dict) else first
        if isinstance(examples, list) and examples:
            return examples[0]
    if schema.get("enum"):
        return schema["enum"][0]
    return _BY_FORMAT.get(schema.get("format", "")) or _BY_TYPE.get(schema.get("type", ""), "1")
