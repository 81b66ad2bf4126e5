"""Judges that the examples of the document fit the schemas they stand beside."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.document_schemas import DocumentSchemas, resolved, under
from harness.judges.examples import JSON, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.texts import declared, parameters

_ID = "example-truth"
_REQUIREMENT = "testing.examples-valid"
_MOST_TOLD = 5


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; a document without examples says nothing."""
    if found.openapi is None or not str(found.openapi.get("openapi", "")).startswith("3."):
        return
    schemas = DocumentSchemas(found.openapi)
    pairs = list(_pairs(found, found.openapi))
    if not pairs:
        return
    wrong = [
        f"{where}: {said}"
        for where, schema, value in pairs
        for _, said in list(schemas.violations(schema, value))[:1]
    ]
    yield Finding(
        requirement=_REQUIREMENT,
        subject="target",
        outcome=Outcome.FAIL if wrong else Outcome.PASS,
        reason="example-untrue" if wrong else "as-required",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="every example in the document is valid by the schema it illustrates",
        seen=f"{len(wrong)} of {len(pairs)} examples: {'; '.join(wrong[:_MOST_TOLD])}"
        if wrong
        else f"{len(pairs)} of {len(pairs)} examples",
    )


def _pairs(found: Recorded, document: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for operation, raw in declared(found):
        for parameter in parameters(found, raw):
            where = f"{operation.subject} parameter {parameter.get('name')}"
            yield from _examples(where, document, parameter)
        body = resolved(document, raw.get("requestBody"))
        yield from _contents(f"{operation.subject} body", document, body)
        responses = raw.get("responses")
        for status, answer in responses.items() if isinstance(responses, dict) else ():
            yield from _contents(f"{operation.subject} {status}", document, resolved(document, answer))
    schemas = under(document, "components", "schemas")
    for name, schema in schemas.items() if isinstance(schemas, dict) else ():
        yield from _of_schema(f"schema {name}", schema)


def _contents(
    where: str, document: Mapping[str, Any], holder: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    content = holder.get("content")
    for media_type, entry in content.items() if isinstance(content, dict) else ():
        if "json" in media_type:
            yield from _examples(where, document, entry)


def _examples(where: str, document: Mapping[str, Any], holder: Any) -> Iterator[tuple[str, Any, Any]]:
    schema = under(holder, "schema")
    if not isinstance(schema, dict):
        return
    if "example" in holder:
        yield where, schema, holder["example"]
    named = holder.get("examples")
    for name, example in named.items() if isinstance(named, dict) else ():
        meant = resolved(document, example)
        if "value" in meant:
            yield f"{where}, example {name}", schema, meant["value"]
    yield from _of_schema(where, schema)


def _of_schema(where: str, schema: Any) -> Iterator[tuple[str, Any, Any]]:
    if not isinstance(schema, dict):
        return
    if "example" in schema:
        yield where, schema, schema["example"]
    listed = schema.get("examples")
    for example in listed if isinstance(listed, list) else ():
        yield where, schema, example
    members = schema.get("properties")
    for name, member in members.items() if isinstance(members, dict) else ():
        yield from _of_schema(f"{where}, {name}", member)


_SCHEMA = {"type": "object", "required": ["id"]}
_TRUE = {"description": "An item.", "content": {JSON: {"schema": _SCHEMA, "example": {"id": 1}}}}
_UNTRUE = {"description": "An item.", "content": {JSON: {"schema": _SCHEMA, "example": {"name": "no id"}}}}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        operations=[item_operation()],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {"responses": {"200": _TRUE}}}}},
    ),
    bad=recorded(
        operations=[item_operation()],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {"responses": {"200": _UNTRUE}}}}},
    ),
)
