"""What the judges of bodies say of health, errors, problems and ids, and where each draws its line."""

import json
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, problem
from tests.harness.judges.asking import asked, judged, told

FINE = ("as-required", "1 of 1 answers")
HERE = "1 of 1 answers: GET /items/1"
OPERATIONS = [item_operation()]


def health(
    body: Any, target: str = "/health", status: int = 200, method: str = "GET"
) -> list[tuple[str, str]]:
    item = exchange(status, json.dumps(body), target=target, method=method)
    return told("health-truth", item)


PATHS = ("health", "healthz", "-/healthy", "livez", "readyz", "live", "ready", "readiness", "liveness")


@pytest.mark.parametrize(
    "target",
    [
        *(f"/{path}" for path in PATHS),
        *(f"/API/{path.upper()}/" for path in PATHS),
        *(f"/health/{path}" for path in ("live", "ready", "readiness", "liveness", "detail", "details")),
        "/api/health/ready/?x=1",
    ],
)
def test_the_health_of_a_service_is_known_by_its_path(target: str) -> None:
    path = target.partition("?")[0]

    assert health({"status": "down"}, target) == [
        ("health-contradicts", f"1 of 1 answers: {path} answered 200 and says down")
    ]


@pytest.mark.parametrize("target", ["/healthy", "/a/b/health", "/health/x/y", "/items/1"])
def test_another_path_is_the_health_of_something_else(target: str) -> None:
    assert health({"status": "down"}, target) == []


@pytest.mark.parametrize(
    ("status", "is_told"), [(299, True), (300, False), (404, False), (499, False), (500, True)]
)
def test_only_a_success_or_a_failure_of_the_service_tells_its_health(status: int, *, is_told: bool) -> None:
    assert bool(health({"status": "up"}, status=status)) is is_told
    assert health({"status": "up"}, status=status, method="POST") == []


@pytest.mark.parametrize(
    "word", ["UP", "ok", "healthy", "pass", "passing", "alive", "ready", "serving", "green"]
)
def test_a_service_that_says_it_is_well_answers_with_a_success(word: str) -> None:
    said = f"1 of 1 answers: /health answered 500 and says {word.lower()}"

    assert health({"status": word}) == health(word) == health({"state": word}) == [FINE]
    assert health({"health": word}, status=500) == [("health-contradicts", said)]


@pytest.mark.parametrize(
    "word",
    ["down", "unhealthy", "fail", "failed", "failing", "error", "dead", "red", "critical"],
)
def test_a_service_that_says_it_is_not_well_answers_with_a_failure(word: str) -> None:
    assert health({"status": word}, status=500) == [FINE]
    assert health({"status": word})[0][0] == "health-contradicts"


@pytest.mark.parametrize("body", [{"status": "degraded"}, {"status": 1}, ["up"], {"up": True}, {}, 3])
def test_what_says_neither_says_nothing_and_hides_nothing(body: Any) -> None:
    flawed = exchange(500, '"ok"', target="/health", name="scenarios-2")

    assert health(body) == []
    assert len(told("health-truth", exchange(200, json.dumps(body), target="/health"), flawed)) == 1


def test_the_first_member_that_tells_a_state_counts() -> None:
    assert health({"health": "down", "state": "down", "status": "up"}) == [FINE]


def telling(body: Any, target: str = "/ready") -> list[tuple[str, str]]:
    item = exchange(200, json.dumps(body), target=target)
    return told("health-truth", item, dependencies=("db",))


@pytest.mark.parametrize("parts", [{"db": "up"}, [{"name": "db"}]])
def test_a_readiness_that_tells_of_its_parts_is_enough(parts: Any) -> None:
    assert telling({"a": 1, "checks": parts}) == [FINE]


@pytest.mark.parametrize("body", [{}, {"a": 1}, {"checks": {}}, {"checks": []}])
def test_a_readiness_that_tells_of_no_part_is_told(body: Any) -> None:
    assert telling(body) == [
        ("dependencies-untold", "1 of 1 answers: /ready tells no component, check or dependency")
    ]


@pytest.mark.parametrize("target", ["/livez", "/live", "/api/liveness/", "/health/LIVE"])
def test_a_liveness_need_not_tell_of_parts(target: str) -> None:
    assert telling({"a": 1}, target) == []
    assert telling(["a"]) == []


def test_of_several_that_tell_the_first_is_named() -> None:
    items = [
        exchange(200, body, target="/ready", name=f"fuzz-{at}")
        for at, body in enumerate(['{"a": 1}', '{"a": {"b": 1}}', '{"a": [1]}'])
    ]

    (found,) = judged("health-truth", *items, dependencies=("db",))

    assert found.exchanges == ("fuzz-1",)


def success(body: Any, request: str | None = None, status: int = 200) -> list[tuple[str, str]]:
    item = exchange(status, json.dumps(body))
    return told("errors-in-success", item if request is None else asked(item, request), operations=OPERATIONS)


def failing(sign: str) -> list[tuple[str, str]]:
    return [("error-in-success", f"1 of 1 answers: GET /items/{{id}} answered 200 with {sign}")]


@pytest.mark.parametrize(
    "name", ["message", "error", "errors", "detail", "code", "reason", "error_description", "msg"]
)
def test_a_success_that_says_it_failed_and_why_is_none(name: str) -> None:
    assert success({"success": False, name: "no"}) == failing('"success": false')
    assert success({"ok": False, "success": True, name: "no"}) == failing('"ok": false')
    assert success({"ok": False, "id": 1, name: "no"}) == success({"ok": False, name: ""}) == [FINE]


@pytest.mark.parametrize(
    ("status", "is_failed"),
    [
        *(("error", True), ("FAIL", True), ("failed", True), ("failure", True), ("ok", False)),
        *((400, True), (599, True), (399, False), (600, False), (True, False), (400.0, False)),
    ],
)  # fmt: skip
def test_a_status_of_failure_in_a_success_is_told(status: Any, *, is_failed: bool) -> None:
    said = failing(f'"status": {status!r}') if is_failed else [FINE]

    assert success({"status": status, "msg": "no"}) == said
    assert success({"status": status, "msg": ""}) == [FINE]


def test_a_success_of_nothing_but_an_error_is_told() -> None:
    assert success({"error": "no"}) == failing('nothing but "error"')
    assert (
        success({"error": ""}) == success({"error": "no", "code": 1}) == success({"errors": "no"}) == [FINE]
    )


@pytest.mark.parametrize("status", [199, 300])
def test_only_a_success_with_members_is_read(status: int) -> None:
    assert success({"error": "no"}, status=status) == success(["error"]) == []
    assert success({"error": "no"}, status=299)


@pytest.mark.parametrize("request_body", ['{"query": "{ a }"}', '{"jsonrpc": "2.0"}'])
def test_other_protocols_tell_their_errors_in_a_success(request_body: str) -> None:
    assert success({"error": "no"}, request_body) == []
    assert success({"error": "no", "jsonrpc": "2.0"}) == []
    assert success({"error": "no"}, '["query"]') == success({"error": "no"}, '{"a": 1}') != []


def test_what_is_of_another_protocol_does_not_hide_the_next() -> None:
    other, flawed = exchange(200, '{"jsonrpc": 1}'), exchange(200, '{"error": "no"}', name="scenarios-2")

    assert len(told("errors-in-success", other, flawed, operations=OPERATIONS)) == 1


def page(at: int, media_type: str = "text/html", status: int = 500, body: str = "<p>no</p>") -> Exchange:
    return exchange(status, body, media_type=media_type, name=f"fuzz-{at}", target=f"/items/{at}")


def mixed(*items: Exchange) -> Any:
    return judged("error-formats", *items, operations=OPERATIONS)


def test_formats_are_counted_and_one_error_of_each_odd_one_is_named() -> None:
    items = [
        page(1),
        page(2, "text/csv"),
        *(exchange(404, "{}", name=f"fuzz-{at}") for at in (3, 4, 5)),
        page(6),
        *(page(at, f"x/{at}") for at in (7, 8)),
    ]

    (found,) = mixed(*items)

    assert (found.reason, found.exchanges) == (
        "formats-mixed",
        ("fuzz-3", "fuzz-1", "fuzz-2", "fuzz-7", "fuzz-8"),
    )
    assert found.seen == (
        "3 of application/json, 2 of text/html, 1 of text/csv, 1 of x/7, 1 of x/8; "
        "e.g. GET /items/1; GET /items/2; GET /items/7"
    )
    assert found.reproduction == "curl -i http://127.0.0.1:8000/items/1"


def test_errors_of_one_format_are_counted_and_one_is_named() -> None:
    (found,) = mixed(page(1, status=400), page(2))

    assert (found.reason, found.seen, found.exchanges) == ("one-format", "2 of text/html", ("fuzz-1",))
    assert found.reproduction == ""


@pytest.mark.parametrize(
    "item",
    [
        page(1, status=399),
        page(1, body=""),
        page(1, "application/graphql-response+json"),
        page(1, "text/event-stream"),
        page(1, JSON, body='{"jsonrpc": "2.0"}'),
        asked(page(1), '{"query": "{ a }"}'),
        asked(page(1), '{"jsonrpc": "2.0"}'),
    ],
)
def test_one_error_beside_what_is_none_or_has_its_own_format_says_nothing(item: Exchange) -> None:
    assert mixed(item, page(2, "text/csv")) == ()


def test_a_request_that_only_speaks_of_another_protocol_is_none_of_it() -> None:
    (found,) = mixed(asked(page(1), '["query"]'), asked(page(2), '{"a": "jsonrpc"}'))

    assert found.seen == "2 of text/html"


def test_an_error_without_a_media_type_is_of_a_format_of_its_own() -> None:
    (found,) = mixed(page(1), exchange(500, "no", name="fuzz-2", headers={"Content-Type": ""}))

    assert found.seen.startswith("1 of no media type, 1 of text/html; e.g. ")


def problematic(body: Any, status: int = 404) -> list[tuple[str, str]]:
    return told("problem-members", exchange(status, json.dumps(body), media_type=PROBLEM))


def of_problem(flaw: str) -> list[tuple[str, str]]:
    return [("problem-malformed", f"{HERE} answered 404: {flaw}")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [FINE]),
        ({"type": "/a", "title": "", "detail": "", "instance": "urn:a", "status": 404}, [FINE]),
        ([], of_problem("the problem is no object")),
        ({"type": 3}, of_problem("type is no string")),
        ({"title": 3}, of_problem("title is no string")),
        ({"detail": 3}, of_problem("detail is no string")),
        ({"instance": 3}, of_problem("instance is no string")),
        ({"status": 400}, of_problem("status is 400")),
        ({"status": None}, of_problem("status is None")),
        ({"type": "a b"}, of_problem("type is no URI reference: 'a b'")),
        ({"type": "/a", "instance": "a<b"}, of_problem("instance is no URI reference: 'a<b'")),
        ({"title": "a b", "detail": "a b"}, [FINE]),
    ],
)  # fmt: skip
def test_the_members_of_a_problem_are_held_against_their_types(body: Any, found: Any) -> None:
    assert problematic(body) == found


def test_what_is_no_problem_or_cannot_be_read_does_not_hide_the_next() -> None:
    plain, cut = exchange(404, '{"status": 1}'), exchange(404, "{", media_type=PROBLEM, name="scenarios-2")

    assert told("problem-members", plain, cut) == []
    assert told(
        "problem-members", plain, cut, exchange(404, "[]", media_type=PROBLEM, name="scenarios-3")
    ) == [("problem-malformed", f"{HERE} answered 404: the problem is no object")]
    assert told("problem-members", problem(404)) == [FINE]


def numbered(at: int, target: str = "/items/1", sent: Any = None, **headers: str) -> Exchange:
    return exchange(200, name=f"fuzz-{at}", target=target, sent=sent, headers=headers)


@pytest.mark.parametrize(
    "name", ["X-Request-ID", "Request-Id", "X-Correlation-ID", "x-amzn-RequestId", "X-Trace-Id"]
)
def test_an_id_that_two_answers_share_is_told(name: str) -> None:
    items = [
        numbered(1, "/items/a?x=1", **{name: "7"}),
        numbered(2, **{name: "7"}),
        numbered(3, **{name: "8"}),
    ]

    assert told("unique-request-ids", *items) == [
        ("id-repeated", f"1 of 3 answers: GET /items/1 and /items/a share {name.lower()}: 7")
    ]
    assert told("unique-request-ids", items[0], items[2]) == [("as-required", "2 of 2 answers")]


def test_an_answer_without_an_id_is_told_and_one_answer_alone_is_not() -> None:
    items = [numbered(1), numbered(2, **{"X-Request-ID": "7"})]

    assert told("unique-request-ids", *items) == [
        ("id-missing", "1 of 2 answers: GET /items/1 is answered without an id")
    ]
    assert told("unique-request-ids", items[0]) == []


def test_ids_of_different_names_or_sent_by_the_client_are_not_shared() -> None:
    named = [numbered(at, **{name: "7"}) for at, name in enumerate(("X-Request-ID", "Request-ID"))]
    echoed = [numbered(at, sent={"X-Request-ID": "7"}, **{"X-Request-ID": "7"}) for at in (3, 4)]

    assert told("unique-request-ids", *named, *echoed) == [("as-required", "2 of 2 answers")]
    assert told("unique-request-ids", *echoed) == []


def test_where_operations_are_declared_only_their_answers_need_ids() -> None:
    items = [numbered(1), numbered(2, "/elsewhere"), numbered(3)]

    assert told("unique-request-ids", *items, operations=OPERATIONS)[0][1].startswith("2 of 2 answers: ")
    assert told("unique-request-ids", *items)[0][1].startswith("3 of 3 answers: ")
