"""How a finding is told: how many answers it rests on, which are named, and the line that shows it again."""

from dataclasses import replace

import pytest

from harness.core.exchange import Protocol, Request
from harness.core.operation import Operation
from harness.judges.curl import curl
from harness.judges.examples import exchange, item_operation, problem
from tests.harness.judges.asking import ITEM, PASS, judged


def test_a_pass_says_how_many_answers_it_rests_on_and_names_three() -> None:
    items = [problem(404, name=f"fuzz-{number}") for number in range(1, 6)]

    (finding,) = judged("problem-details", *items)

    assert (finding.outcome, finding.reason, finding.seen) == (PASS, "as-required", "5 of 5 answers")
    assert finding.exchanges == ("fuzz-1", "fuzz-2", "fuzz-3")


def test_different_flaws_are_told_once_each_in_the_order_they_were_recorded() -> None:
    items = [
        exchange(404, "{}", name="fuzz-1"),
        exchange(404, "{}", name="fuzz-2"),
        exchange(500, name="fuzz-3"),
        problem(404, name="fuzz-4"),
    ]

    (finding,) = judged("problem-details", *items)

    assert finding.seen == (
        "3 of 4 answers: GET /items/1 answered 404 with application/json; "
        "GET /items/1 answered 500 with no body"
    )
    assert finding.exchanges == ("fuzz-1", "fuzz-3", "fuzz-2")


def test_a_flaw_is_reproduced_on_the_base_url_of_the_run() -> None:
    (finding,) = judged("problem-details", exchange(404, "{}"), base_url="https://shop.example/api/")

    assert finding.reproduction == "curl -i https://shop.example/items/1"


def test_subjects_are_told_in_order() -> None:
    operations = [
        item_operation(s200=()),
        Operation(method="GET", path="/carts", responses={"200": ()}),
    ]

    found = judged(
        "undocumented-statuses", exchange(200), exchange(200, target="/carts"), operations=operations
    )

    assert [item.subject for item in found] == ["GET /carts", ITEM]


@pytest.mark.parametrize(
    ("status", "protocol", "is_heard"),
    [
        (200, Protocol.HTTP, True),
        (199, Protocol.HTTP, False),
        (200, Protocol.SSE, True),
        (200, Protocol.MCP, True),
        (200, Protocol.WEBSOCKET, False),
        (200, Protocol.MESSAGE, False),
    ],
)
def test_final_answers_over_http_are_heard(status: int, protocol: Protocol, is_heard: bool) -> None:
    item = replace(exchange(status), protocol=protocol)

    assert bool(judged("request-ids", item)) is is_heard


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (Request(method="GET", target="/a"), "curl -i http://a.example/a"),
        (Request(method="DELETE", target="/a"), "curl -i -X DELETE http://a.example/a"),
        (
            Request(method="GET", target="/a", body="x"),
            "curl -i -X GET --data-raw x http://a.example/a",
        ),
        (
            Request(method="GET", target="/a", headers=(("Accept", "a b"), ("X-B", "c"))),
            "curl -i -H 'Accept: a b' -H 'X-B: c' http://a.example/a",
        ),
        (
            Request(method="PUT", target="/a", body="A'==", body_is_base64=True),
            """printf %s 'A'"'"'==' | base64 -d | curl -i -X PUT --data-binary @- http://a.example/a""",
        ),
        (Request(method="POST", target="/a", body_is_base64=True), "curl -i -X POST http://a.example/a"),
    ],
)
def test_a_request_is_shown_as_a_line_for_the_shell(request_: Request, line: str) -> None:
    assert curl(request_, "http://a.example/") == line


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "Content-Length",
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "TE",
        "Upgrade",
        "Accept-Encoding",
        "Harness-Step",
        "Harness-Identity",
    ],
)
def test_what_belongs_to_a_connection_or_to_the_harness_is_not_repeated(name: str) -> None:
    request = Request(method="GET", target="/", headers=((name, "x"),))

    assert curl(request, "http://a.example") == "curl -i http://a.example/"
