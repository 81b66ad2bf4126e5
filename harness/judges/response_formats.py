"""Judges that dates, addresses and ids in answers really have the format that the document declares."""

from collections.abc import Iterator, Sequence
from typing import Any

from harness.core.exchange import Response
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.document_schemas import DocumentSchemas, resolved, response_of, under
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, json_of, operation_answers

_ID = "response-formats"
_REQUIREMENT = "api.formats-real"
_FORMATS = frozenset(
    {"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"}
)


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target from the answers whose schema declares a format."""
    if found.openapi is None or not str(found.openapi.get("openapi", "")).startswith("3."):
        return
    yield from findings(
        _observations(found, found.openapi),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="a string has the format that its schema declares",
        base_url=found.base_url,
    )


def _observations(found: Recorded, document: Any) -> Iterator[Observation]:
    strict, lenient = (DocumentSchemas(document, formats=formats) for formats in (True, False))
    known: dict[tuple[str, int, str], Any] = {}
    for operation, item, response in operation_answers(found):
        key = (operation.subject, response.status, response.media_type)
        if key not in known:
            known[key] = _formatted_schema(document, operation, response)
        schema = known[key]
        body = None if schema is None else json_of(response)
        if body is None:
            continue
        wrong = _untrue(tuple(strict.violations(schema, body)), tuple(lenient.violations(schema, body)))
        yield Observation(
            subject="target",
            exchange=item,
            flaw="format-untrue" if wrong else "",
            seen=f"{operation.subject} answered {response.status}: {wrong[0]}" if wrong else "",
        )


def _untrue(strict: Sequence[tuple[str, str]], lenient: Sequence[tuple[str, str]]) -> Sequence[str]:
    """Return what is said of formats; where a format alone rules a branch out, the choice is broken."""
    named = [said for keyword, said in strict if keyword == "format"]
    return named or [said for _, said in strict if not lenient]


def _formatted_schema(document: Any, operation: Operation, response: Response) -> Any:
    """Return the schema of an answer, None where it declares no format."""
    declared = response_of(document, operation.path, operation.method, response.status)
    schema = under(declared, "content", response.media_type, "schema")
    return schema if _declared_formats(document, schema, ()) & _FORMATS else None


def _declared_formats(document: Any, node: Any, seen: tuple[str, ...]) -> frozenset[str]:
    """Return the formats that a schema uses, those behind references included."""
    if isinstance(node, list):
        return frozenset[str]().union(*(_declared_formats(document, item, seen) for item in node))
    if not isinstance(node, dict):
        return frozenset()
    here = frozenset({node["format"]}) if isinstance(node.get("format"), str) else frozenset[str]()
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in seen and reference.startswith("#/"):
        pointed = dict(resolved(document, node))
        return here | _declared_formats(document, pointed, (*seen, reference))
    return here.union(*(_declared_formats(document, value, seen) for value in node.values()))


_ITEM = {"type": "object", "properties": {"made": {"type": "string", "format": "date-time"}}}
_ANSWER = {"description": "An item.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Item"}}}}
_DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Example", "version": "1"},
    "paths": {"/items/{id}": {"get": {"responses": {"200": _ANSWER}}}},
    "components": {"schemas": {"Item": _ITEM}},
}
_OPERATIONS = [item_operation(s200=(JSON,))]

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(200, '{"made": "2026-01-02T03:04:05Z"}'), operations=_OPERATIONS, openapi=_DOCUMENT
    ),
    bad=recorded(exchange(200, '{"made": "yesterday"}'), operations=_OPERATIONS, openapi=_DOCUMENT),
)
