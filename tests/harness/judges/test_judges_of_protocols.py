"""What the judges of JSON-RPC messages and GraphQL answers take for a flaw, word for word."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.judges.examples import JSON, exchange
from tests.harness.judges.asking import asked, told

FINE = [("as-required", "1 of 1 answers")]
CALL = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def called(answer: Any, call: Any = CALL, status: int = 200, media_type: str = JSON) -> Exchange:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    item = exchange(status, body, method="POST", target="/mcp", media_type=media_type)
    return asked(item, json.dumps(call))


def message(**members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, **members}


def malformed(flaw: str) -> list[tuple[str, str]]:
    return [("message-malformed", f"1 of 1 answers: ping: {flaw}")]


ONE_OF = "it has not exactly one of result and error"
NO_CODE = "the error has no whole-number code or no message"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (message(result={}), FINE),
        (message(error={"code": -32600, "message": "no"}), FINE),
        (message(id=None, error={"code": -32700, "message": "no"}), FINE),
        (message(result=None), FINE),
        ({"id": 1, "result": {}}, malformed("jsonrpc is not 2.0")),
        (message(jsonrpc="1.0", result={}), malformed("jsonrpc is not 2.0")),
        (message(), malformed(ONE_OF)),
        (message(result={}, error={}), malformed(ONE_OF)),
        (message(id="1", result={}), malformed("the id is '1', not 1")),
        (message(id=None, result={}), malformed("the id is None, not 1")),
        (message(error="no"), malformed(NO_CODE)),
        (message(error={"code": "no", "message": "no"}), malformed(NO_CODE)),
        (message(error={"code": -32600}), malformed(NO_CODE)),
        (message(error={"message": "no"}), malformed(NO_CODE)),
        (message(id=2, error={"code": -32600, "message": "no"}), malformed("the id is 2, not 1")),
    ],
)
def test_a_message_has_the_members_of_json_rpc(answer: Any, found: Any) -> None:
    assert told("mcp-messages", called(answer)) == found


@pytest.mark.parametrize(
    "item",
    [
        called(message(), call=[CALL]),
        called(message(), call="ping"),
        called(message(), call={"jsonrpc": "1.0", "id": 1}),
        called(message(), call={"jsonrpc": "2.0", "method": "notifications/initialized"}),
        called(message(), status=202),
        called(message(), status=201),
        called("[]"),
        called("no json"),
        replace(called(message()), request=exchange(200).request),
    ],
)
def test_what_is_no_answer_to_a_call_is_not_judged(item: Exchange) -> None:
    good = replace(called(message(result={})), id="scenarios-2")

    assert told("mcp-messages", item) == []
    assert told("mcp-messages", item, good) == FINE


def test_an_answer_that_was_cut_is_not_judged() -> None:
    item = called(message())
    assert item.response is not None

    assert told("mcp-messages", replace(item, response=replace(item.response, is_truncated=True))) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (['data: {"jsonrpc": "2.0", "id": 1, "result": {}}'], FINE),
        (['data:{"jsonrpc": "2.0", "id": 1}'], malformed(ONE_OF)),
        (
            [
                "event: message",
                ": comment",
                "data: no json",
                "data: []",
                'data: {"jsonrpc": "2.0", "method": "notifications/progress"}',
                'data: {"jsonrpc": "2.0", "id": 2, "result": {}}',
                'data: {"id": 1, "result": {}}',
            ],
            malformed("jsonrpc is not 2.0"),
        ),
        (['{"jsonrpc": "2.0", "id": 1}', 'data: {"id": 2}'], []),
    ],
)
def test_in_a_stream_the_message_with_the_id_of_the_call_is_the_answer(lines: list[str], found: Any) -> None:
    assert told("mcp-messages", called("\n".join(lines), media_type="text/event-stream")) == found


def queried(answer: Any, query: Any = None, status: int = 200) -> list[tuple[str, str]]:
    body = {"query": "{ a }"} if query is None else query
    item = asked(exchange(status, json.dumps(answer), method="POST", target="/graphql?x=1"), json.dumps(body))
    return told("graphql-errors", item)


def ill_formed(flaw: str) -> list[tuple[str, str]]:
    return [("graphql-malformed", f"1 of 1 answers: /graphql: {flaw}")]


def failing(**members: Any) -> dict[str, Any]:
    return {"errors": [{"message": "first"}, {"message": "no", **members}]}


NO_LIST = ill_formed("errors is no non-empty list")
NO_MESSAGE = ill_formed("an error has no message")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"data": {}}, FINE),
        ({"data": None}, ill_formed("data is no object, and there are no errors")),
        ({"data": [1]}, ill_formed("data is no object, and there are no errors")),
        ({"data": None, "errors": []}, NO_LIST),
        ({"errors": {"message": "no"}}, NO_LIST),
        ({"errors": None}, NO_LIST),
        ({"errors": ["no"]}, NO_MESSAGE),
        ({"errors": [{"message": "no"}, {"message": 3}]}, NO_MESSAGE),
        (failing(), FINE),
        (failing(locations=[{"line": 1, "column": 1}], path=["a", 0], extensions={"code": "X"}), FINE),
        (failing(locations=None, path=None, extensions=None), FINE),
        (failing(path=[]), FINE),
        (failing(path="a"), ill_formed("an error's path is 'a', not a list of names and numbers")),
        (failing(path=[1.5]), ill_formed("an error's path is [1.5], not a list of names and numbers")),
        (failing(extensions=["X"]), ill_formed("an error's extensions is no object")),
        *(
            (
                failing(locations=[{"line": 1, "column": 1}, place]),
                ill_formed(f"an error's location is {place!r}, not a line and a column from 1 on"),
            )
            for place in (
                "1:1",
                {},
                {"line": 1},
                {"column": 1},
                {"line": 0, "column": 1},
                {"line": 1, "column": 0},
                {"line": "1", "column": 1},
            )
        ),
    ],
)  # fmt: skip
def test_a_graphql_answer_has_the_members_of_the_specification(answer: Any, found: Any) -> None:
    assert queried(answer) == found


@pytest.mark.parametrize(
    ("answer", "query"),
    [
        ({"errors": []}, {"query": 3}),
        ({"errors": []}, {"mutation": "{ a }"}),
        ({"errors": []}, ["{ a }"]),
        ({"detail": "no"}, None),
        ([{"errors": []}], None),
    ],
)
def test_what_is_no_answer_to_a_query_is_not_judged(answer: Any, query: Any) -> None:
    assert queried(answer, query) == []


def test_an_answer_that_is_not_judged_does_not_hide_the_next() -> None:
    other = exchange(200, '{"errors": []}', target="/a")
    flawed = asked(
        exchange(200, '{"errors": []}', name="scenarios-2", target="/graphql"), '{"query": "{ a }"}'
    )

    assert told("graphql-errors", other, flawed) == NO_LIST
