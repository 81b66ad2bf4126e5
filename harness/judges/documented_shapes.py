"""Judges whether the document gives a reader and a test enough: examples, and schemas that say something."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.document_schemas import resolved, under
from harness.judges.examples import JSON, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.texts import declared, parameters, text_findings

_ID = "documented-shapes"
_EXAMPLES = "docs.examples-given"
_TYPED = "testing.responses-typed"
_SAYING = frozenset({
    "type", "$ref", "properties", "items", "allOf", "anyOf", "oneOf", "enum", "const", "format",
})  # fmt: skip
_KNOWN_BY_ITSELF = frozenset({"boolean", "integer", "number"})


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation for each of the two requirements."""
    if found.openapi is None:
        return
    document = found.openapi
    seen = tuple(declared(found))
    yield from text_findings(
        ((operation, tuple(_example_gaps(found, document, raw))) for operation, raw in seen),
        requirement=_EXAMPLES,
        judge=_ID,
        expected="an example of each body and of each parameter whose type does not show one",
    )
    yield from text_findings(
        ((operation, tuple(_schema_gaps(document, operation, raw))) for operation, raw in seen),
        requirement=_TYPED,
        judge=_ID,
        expected="each success with JSON content has a schema that says what it holds",
    )


def _example_gaps(
    found: Recorded, document: Mapping[str, Any], raw: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for parameter in parameters(found, raw):
        schema = resolved(document, parameter.get("schema", parameter))  # Swagger 2.0 types it in place
        if parameter.get("required") and not _shows(document, parameter, schema):
            yield "parameter-without-example", f"parameter {parameter.get('name')} has no example"
    body = resolved(document, raw.get("requestBody"))
    content = body.get("content")
    for media_type, entry in content.items() if isinstance(content, dict) else ():
        if not _shows(document, entry, resolved(document, under(entry, "schema"))):
            yield "body-without-example", f"the body of {media_type} has no example"


def _shows(document: Mapping[str, Any], holder: Any, schema: Mapping[str, Any]) -> bool:
    if not isinstance(holder, dict):
        return True
    if any(name in node for node in (holder, schema) for name in ("example", "examples", "enum", "const")):
        return True
    if schema.get("type") in _KNOWN_BY_ITSELF or "default" in schema or schema.get("format"):
        return True
    members = schema.get("properties")
    if not isinstance(members, dict) or not members:
        item = resolved(document, schema.get("items"))
        return (bool(item) and _shows(document, item, item)) or _is_shown_by_branches(document, schema)
    return all(
        _shows(document, resolved(document, item), resolved(document, item)) for item in members.values()
    )


def _is_shown_by_branches(document: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Whether each choice shows a value, null apart, as an enumeration behind `oneOf` does."""
    choices = [each for name in ("oneOf", "anyOf") for each in schema.get(name) or ()]
    found = [resolved(document, each) for each in choices]
    telling = [each for each in found if each.get("type") != "null"]
    return bool(telling) and all(_shows(document, each, each) for each in telling)


def _schema_gaps(
    document: Mapping[str, Any], operation: Operation, raw: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    responses = raw.get("responses")
    for status, answer in responses.items() if isinstance(responses, dict) else ():
        if not str(status).startswith("2"):
            continue
        content = resolved(document, answer).get("content")
        for media_type, entry in content.items() if isinstance(content, dict) else ():
            schema = under(entry, "schema")
            if "json" in media_type and not (isinstance(schema, dict) and _SAYING & set(schema)):
                yield "success-untyped", f"{status} {media_type} of {operation.subject} has no schema"


_PARAMETER = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_SHOWN = {
    "parameters": [{**_PARAMETER, "example": "a1"}],
    "responses": {"200": {"description": "An item.", "content": {JSON: {"schema": {"type": "object"}}}}},
}
_BARE = {
    "parameters": [_PARAMETER],
    "responses": {"200": {"description": "An item.", "content": {JSON: {"schema": {}}}}},
}

JUDGE = Judge(
    id=_ID,
    requirements=(_EXAMPLES, _TYPED),
    judge=judge,
    good=recorded(
        operations=[item_operation()], openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": _SHOWN}}}
    ),
    bad=recorded(
        operations=[item_operation()], openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": _BARE}}}
    ),
)
