"""A body of the wrong type, depth or shape is the sender's mistake, and is told as one."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.samples import CannotSample, request_schema, valid_body
from harness.layers.scenarios.signals import Inconclusive

_PathOf = Callable[[Operation], str]
_JSON = {"Content-Type": "application/json"}
_MOST_OPERATIONS = 8
_REACHED = frozenset({400, 413, 415, 422})
_BODIES: Mapping[str, bytes] = {
    "a deep array": b"[" * 3000 + b"]" * 3000,
    "a deep object": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "a number beyond every range": b'{"a": 1e999, "b": ' + b"9" * 400 + b"}",
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a null character": b'{"a": "\\u0000"}',
    "members twice": b'{"a": 1, "a": 2}',
    "null": b"null",
    "an array": b"[]",
    "a text": b'"text"',
    "a number": b"42",
    "nothing": b"",
    "a member of 512 KiB": json.dumps({"a": "b" * 524_288}).encode(),
}


@pytest.fixture
def taking_json(
    target: ScenarioContext, operations: tuple[Operation, ...], document: Mapping[str, Any]
) -> Sequence[Operation]:
    """Declared operations that take JSON and that may be called with what they should refuse."""
    found = [
        each
        for each in operations
        if "application/json" in each.request_media_types
        and each.method in {"POST", "PUT", "PATCH"}
        and request_schema(each, document)  # Swagger 2.0 names media types for operations without a body, too
        and not target.withholds(each)
    ]
    if not found:
        raise Inconclusive("no-json-operations", "No declared operation takes JSON.")
    return found[:_MOST_OPERATIONS]


@pytest.mark.requirement("errors.odd-bodies-answered")
@pytest.mark.writes
def test_an_odd_body_is_no_server_error(
    identified: httpx.Client, taking_json: Sequence[Operation], path_of: _PathOf
) -> None:
    """Deep, huge, mistyped and empty JSON is answered, and not with 5xx."""
    reached = 0
    for operation in taking_json:
        for kind, body in _BODIES.items():
            try:
                answer = identified.request(operation.method, path_of(operation), content=body, headers=_JSON)
            except httpx.HTTPError:
                continue  # a server may close on what is too much
            reached += answer.status_code in _REACHED
            assert answer.status_code < 500 or answer.status_code == 503, (
                f"{operation.subject} with {kind} answered {answer.status_code}: {shown(answer)}"
            )
    if not reached:
        raise Inconclusive("body-not-reached", "No operation came as far as reading the body.")


@pytest.mark.requirement("errors.media-type-refused")
@pytest.mark.writes
def test_a_body_of_a_media_type_that_is_not_taken_is_refused(
    identified: httpx.Client, taking_json: Sequence[Operation], path_of: _PathOf
) -> None:
    """A body of an undeclared media type is answered with a 4xx (415 by RFC 9110 15.5.16)."""
    reached = 0
    for operation in taking_json:
        if any("*" in kind or "csv" in kind for kind in operation.request_media_types):
            continue
        answer = identified.request(
            operation.method, path_of(operation), content=b"a,b\n1,2\n", headers={"Content-Type": "text/csv"}
        )
        said = f"{operation.subject} with text/csv answered {answer.status_code}"
        assert not answer.is_success, f"{said}: it takes what it does not declare"
        assert answer.status_code < 500 or answer.status_code == 503, f"{said}: {shown(answer)}"
        reached += answer.status_code in _REACHED
    if not reached:
        raise Inconclusive("body-not-reached", "No operation came as far as looking at the media type.")


@pytest.mark.requirement("errors.unknown-members-refused")
@pytest.mark.writes
def test_a_member_that_the_schema_forbids_is_refused(
    identified: httpx.Client,
    taking_json: Sequence[Operation],
    document: Mapping[str, Any],
    path_of: _PathOf,
) -> None:
    """Where additionalProperties is false, a body that is right but for one unknown member is refused."""
    judged = 0
    for operation in taking_json:
        if request_schema(operation, document).get("additionalProperties") is not False:
            continue
        try:
            right = valid_body(operation, document)
        except CannotSample:
            continue
        if not isinstance(right, dict):
            continue
        wrong = {**right, "x_unknown_7f3a9c": 1}
        answer = identified.request(operation.method, path_of(operation), json=wrong)
        assert not answer.is_success, (
            f"{operation.subject} answered {answer.status_code} to a member that its schema forbids"
        )
        if answer.status_code in {400, 422}:
            taken = identified.request(operation.method, path_of(operation), json=right)
            judged += taken.is_success or taken.status_code in {401, 403, 409}
    if not judged:
        raise Inconclusive("no-closed-schema", "No operation with a closed schema took a right body.")
