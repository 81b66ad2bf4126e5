"""What was recorded is heard when the documentation of errors, and of what a value looks like, is judged."""

from collections.abc import Mapping
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.operation import Operation
from harness.judges.examples import JSON, exchange, item_operation
from tests.harness.judges.asking import FAIL, OPEN, PASS, answered, judged

_DOCUMENT = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {}}}}


def _found(*exchanges: Exchange, **responses: tuple[str, ...]) -> tuple[str, str]:
    named = {status.removeprefix("s"): types for status, types in responses.items()}
    operation = Operation(method="GET", path="/items/{id}", responses=named, takes_input=True)
    (finding,) = judged("documented-errors", *exchanges, operations=[operation], openapi=_DOCUMENT)
    return finding.outcome, finding.reason


def _empty(status: int) -> Exchange:
    return answered(exchange(status), body=None, body_size=0)


def test_an_error_that_never_has_a_body_needs_none_in_the_document() -> None:
    assert _found(_empty(401), _empty(401), s200=(JSON,), s401=()) == (PASS, "as-required")


def test_an_error_that_once_had_a_body_needs_it_in_the_document() -> None:
    seen = (_empty(401), exchange(401, '{"detail": "no"}'))

    assert _found(*seen, s200=(JSON,), s401=()) == (FAIL, "error-without-body")


def test_an_error_that_was_not_seen_is_judged_by_the_document_alone() -> None:
    assert _found(_empty(404), s200=(JSON,), s401=()) == (FAIL, "error-without-body")


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_operation_that_refused_or_failed_once_has_an_error_to_document(status: int) -> None:
    seen = (*(exchange(200, "{}") for _ in range(20)), exchange(status, "{}"))

    assert _found(*seen, s200=(JSON,)) == (FAIL, "no-client-error")


def test_of_an_operation_that_refused_nothing_it_is_open_whether_it_has_an_error() -> None:
    assert _found(*(exchange(200, "{}") for _ in range(8)), s200=(JSON,)) == (OPEN, "refuses-nothing")
    assert _found(*(exchange(200, "{}") for _ in range(7)), s200=(JSON,)) == (FAIL, "no-client-error")


def test_what_is_left_open_is_said_with_the_number_of_answers() -> None:
    operation = Operation(method="GET", path="/items/{id}", responses={"200": (JSON,)}, takes_input=True)
    seen = [exchange(200, "{}", name=f"fuzz-{at}") for at in range(9)]

    (finding,) = judged("documented-errors", *seen, operations=[operation], openapi=_DOCUMENT)

    assert finding.seen == "only 200 is documented; none of 9 answers was an error"


def test_another_gap_of_an_operation_that_refused_nothing_is_told_all_the_same() -> None:
    seen = tuple(exchange(200, "{}") for _ in range(8))

    assert _found(*seen, s200=(JSON,), s404=()) == (FAIL, "error-without-body")


def _example_gaps(operation: Mapping[str, Any], **document: Any) -> str:
    openapi = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": operation}}, **document}
    found = judged("documented-shapes", operations=[item_operation()], openapi=openapi)
    return next(item.seen for item in found if item.requirement == "docs.examples-given")


@pytest.mark.parametrize(
    ("member", "is_shown"),
    [
        ({"oneOf": [{"enum": ["open", "closed"]}]}, True),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, True),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, False),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, False),
        ({"anyOf": [{"type": "null"}]}, False),
        ({"anyOf": [{"type": "string", "examples": ["a"]}, {"type": "null"}]}, True),
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, True),
        ({"type": "array", "items": {"type": "string"}}, False),
        ({"type": "array"}, False),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Number"}}, True),
        ({"items": {"properties": {"a": {"$ref": "#/components/schemas/Number"}}}}, True),
        ({"anyOf": [{"$ref": "#/components/schemas/Number"}, {"type": "null"}]}, True),
        ({"oneOf": [{"properties": {"a": {"$ref": "#/components/schemas/Number"}}}]}, True),
    ],
)
def test_a_member_is_shown_where_each_of_its_choices_is(member: dict[str, Any], *, is_shown: bool) -> None:
    schema = {"type": "object", "properties": {"status": member}}

    components = {"schemas": {"Number": {"type": "integer"}}}
    gaps = _example_gaps({"requestBody": {"content": {JSON: {"schema": schema}}}}, components=components)

    assert gaps == ("" if is_shown else f"the body of {JSON} has no example")


def test_a_parameter_of_swagger_2_shows_by_its_own_type() -> None:
    integer, text = (
        {"name": kind, "in": "path", "required": True, "type": kind} for kind in ("integer", "string")
    )

    assert _example_gaps({"parameters": [integer]}, swagger="2.0") == ""
    assert _example_gaps({"parameters": [text]}, swagger="2.0") == "parameter string has no example"
