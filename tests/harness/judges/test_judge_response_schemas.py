"""Answers are held against the schema of their status; what cannot be compared says nothing."""

from typing import Any

import pytest

from harness.core.outcome import Outcome
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.response_schemas import JUDGE

ERROR = {"description": "No.", "content": {"application/problem+json": {"schema": {"required": ["status"]}}}}


def document(**responses: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "paths": {"/items/{id}": {"get": {"responses": responses}}},
        "components": {"responses": {"Error": ERROR}},
    }


def outcomes(*exchanges: Any, openapi: dict[str, Any]) -> list[tuple[Outcome, str]]:
    found = recorded(*exchanges, operations=[item_operation()], openapi=openapi)
    return [(item.outcome, item.seen) for item in JUDGE.judge(found)]


def test_a_shared_response_is_followed_to_the_components() -> None:
    described = document(**{"4XX": {"$ref": "#/components/responses/Error"}})
    answer = exchange(404, "{}", media_type="application/problem+json")

    ((outcome, seen),) = outcomes(answer, openapi=described)

    assert outcome is Outcome.FAIL
    assert "status" in seen


def test_an_empty_answer_matches_a_status_without_content() -> None:
    assert (
        outcomes(exchange(204), openapi=document(**{"204": {"description": "Gone."}}))[0][0] is Outcome.PASS
    )


@pytest.mark.parametrize(
    ("answer", "described"),
    [
        (exchange(200, "{}"), document()),
        (exchange(200, "not json"), document(**{"200": {"content": {JSON: {"schema": {"type": "object"}}}}})),
        (exchange(200, "{}"), document(**{"200": {"content": {"text/csv": {"schema": {}}}}})),
        (exchange(200, "{}"), document(**{"200": {"content": {JSON: {"schema": {"type": "nonsense"}}}}})),
        (exchange(200, "{}"), document(**{"200": {"$ref": "#/components/responses/Nowhere"}})),
        (
            exchange(200, "{}"),
            {**document(**{"200": {"content": {JSON: {"schema": False}}}}), "openapi": "3.0.3"},
        ),
    ],
)
def test_what_cannot_be_compared_says_nothing(answer: Any, described: dict[str, Any]) -> None:
    assert outcomes(answer, openapi=described) == []


def test_a_reference_into_components_that_are_not_there_says_nothing() -> None:
    described = document(**{"200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Item"}}}}})
    del described["components"]

    assert outcomes(exchange(200, "{}"), openapi=described) == []
