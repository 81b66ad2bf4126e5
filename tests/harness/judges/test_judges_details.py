"""Where the line runs in each judge: the nearest case on either side of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange, Request, Response
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, problem, recorded
from tests.harness.judges.asking import FAIL, ITEM, PASS, answered, asked, judged, outcomes


def test_an_example_is_an_exchange_of_the_scenarios_with_a_typed_body() -> None:
    assert exchange(201, "{}", sent={"A": "1"}, headers={"B": "2"}) == Exchange(
        id="scenarios-1",
        layer=Layer.SCENARIOS,
        request=Request(method="GET", target="/items/1", headers=(("A", "1"),)),
        response=Response(status=201, headers=(("Content-Type", JSON), ("B", "2")), body="{}", body_size=2),
    )
    assert exchange(204).response == Response(status=204)


def test_an_example_of_a_problem_states_its_status() -> None:
    response = problem(404, method="PUT").response

    assert response is not None
    assert response.media_type == PROBLEM
    assert json.loads(response.body or "") == {"type": "/problems/example", "title": "Example", "status": 404}


def test_an_example_of_a_record_names_what_was_declared() -> None:
    operation = item_operation(s200=(JSON,), sdefault=())

    record = recorded(exchange(200), operations=[operation], openapi={"openapi": "3.1.0"})

    assert operation == Operation(
        method="GET", path="/items/{id}", operation_id="getItem", responses={"200": (JSON,), "default": ()}
    )
    assert list(record.operations) == [operation]
    assert record.exchanges == (exchange(200),)
    assert record.openapi == {"openapi": "3.1.0"}
    assert record.base_url == "http://127.0.0.1:8000"


def test_of_the_base_url_its_origin_is_kept_because_the_target_holds_the_whole_path() -> None:
    request = Request(method="GET", target="/X/a")

    for base_url in ("http://a.example", "http://a.example/", "http://a.example/X", "http://a.example/X/Y/Z"):
        assert curl(request, base_url) == "curl -i http://a.example/X/a"


DESCRIBED = {"operationId": "x", "summary": "Read."}


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ({**DESCRIBED, "parameters": [{"name": "id", "description": "Which."}]}, ""),
        ({**DESCRIBED, "parameters": [{"name": "id", "schema": {"description": "Which."}}]}, ""),
        (
            {**DESCRIBED, "parameters": [{"name": "id", "description": " ", "schema": {"description": " "}}]},
            "parameter id has no description",
        ),
        ({**DESCRIBED, "parameters": [{"name": "id", "schema": True}]}, "parameter id has no description"),
        ({"operationId": "x", "description": "Read."}, ""),
        ({"operationId": "", "summary": "Read."}, "no operationId"),
        ({"operationId": "x", "summary": "", "description": "\n"}, "neither summary nor description"),
        ({**DESCRIBED, "parameters": [{"$ref": "#/components/parameters/page"}]}, ""),
        (
            {**DESCRIBED, "parameters": [{"$ref": "#/components/parameters/bare"}]},
            "parameter bare has no description",
        ),
        ({**DESCRIBED, "parameters": [{"$ref": "#/components/parameters/gone"}, 7]}, ""),
    ],
)
def test_a_description_may_stand_on_the_parameter_or_in_its_schema(raw: dict[str, Any], seen: str) -> None:
    shared = {"page": {"name": "page", "description": "Which page."}, "bare": {"name": "bare"}}
    openapi = {
        "openapi": "3.1.0",
        "paths": {"/items/{id}": {"get": raw}},
        "components": {"parameters": shared},
    }

    (finding,) = judged("described-operations", operations=[item_operation()], openapi=openapi)

    assert (finding.seen, finding.outcome) == (seen, FAIL if seen else PASS)


def test_only_operations_that_stand_in_the_document_are_read_in_it() -> None:
    post = Operation(method="POST", path="/items/{id}")
    elsewhere = Operation(method="GET", path="/carts")
    openapi = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": DESCRIBED, "post": 1}, "/carts": []}}

    found = judged("described-operations", operations=[item_operation(), post, elsewhere], openapi=openapi)

    assert [item.subject for item in found] == [ITEM]


def test_shared_and_own_parameters_are_both_read_in_their_order() -> None:
    item = {"parameters": [{"name": "a"}], "get": {**DESCRIBED, "parameters": [{"name": "b"}]}}

    (finding,) = judged(
        "described-operations",
        operations=[item_operation()],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": item}},
    )

    assert finding.seen == "parameter a has no description; parameter b has no description"
    assert finding.reason == "parameter-undescribed"


def test_two_scenarios_that_saw_one_status_count_it_once() -> None:
    items = [exchange(200, name="scenarios-1"), exchange(200, name="scenarios-2")]

    (finding,) = judged("exercised-statuses", *items, operations=[item_operation(s200=(), s404=())])

    assert finding.seen == "1 of 2 exercised; unseen: 404"
    assert finding.exchanges == ("scenarios-1",)


@pytest.mark.parametrize("documented", ["4XX", "4xx"])
def test_a_range_is_exercised_by_any_status_in_it(documented: str) -> None:
    operation = Operation(method="GET", path="/items/{id}", responses={documented: ()})

    assert outcomes("exercised-statuses", exchange(418), operations=[operation]) == [PASS]
    other = exchange(318, layer=Layer.CONTRACTS)
    assert outcomes("exercised-statuses", other, operations=[operation]) == [FAIL]


def media(declared: Any, answer: str) -> list[Outcome]:
    return outcomes(
        "undocumented-content-types",
        exchange(200, "x", media_type=answer),
        operations=[item_operation(**declared)],
    )


@pytest.mark.parametrize(
    ("declared", "answer", "found"),
    [
        ({"s2XX": (JSON,)}, JSON, [PASS]),
        ({"s2XX": (JSON,)}, "text/html", [FAIL]),
        ({"sdefault": (JSON,)}, "text/html", [FAIL]),
        ({"s200": (JSON,), "s2XX": ("text/html",)}, "text/html", [FAIL]),
        ({"s3XX": (JSON,)}, "text/html", []),
        ({"s200": ()}, "text/html", []),
        ({"s200": (f" {JSON} ; a=b ; c=d",)}, JSON, [PASS]),
    ],
)
def test_the_entry_that_fits_best_says_which_types_are_right(
    declared: Any, answer: str, found: list[Outcome]
) -> None:
    assert media(declared, answer) == found


def test_a_silent_answer_does_not_hide_a_wrong_one_after_it() -> None:
    items = [exchange(204, name="fuzz-1"), exchange(200, "x", media_type="text/html", name="fuzz-2")]
    operation = item_operation(s200=(JSON,), s204=(JSON,))

    (finding,) = judged("undocumented-content-types", *items, operations=[operation])

    assert finding.exchanges == ("fuzz-2",)


@pytest.mark.parametrize(
    ("identity", "quiet", "loud", "operations"),
    [
        ("problem-details", exchange(200), exchange(404), []),
        (
            "problem-status",
            exchange(404, "{}", media_type=PROBLEM),
            exchange(404, '{"status": 1}', media_type=PROBLEM),
            [],
        ),
        ("problem-status", problem(404), exchange(404, '{"status": 1}', media_type=PROBLEM), []),
        ("allowed-methods", exchange(200), exchange(405, method="PUT"), []),
        ("unavailable", exchange(200), exchange(503), []),
        (
            "trace-context",
            exchange(200),
            exchange(200, sent={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}),
            [],
        ),
        ("stack-traces", exchange(200), exchange(500, "Traceback (most recent call last)"), []),
        ("security-headers", exchange(200), exchange(200, "{}"), []),
        ("server-errors", exchange(404), exchange(500), [item_operation()]),
        ("undocumented-statuses", exchange(200), exchange(409), [item_operation(s200=())]),
    ],
)
def test_what_says_nothing_or_good_does_not_end_the_reading(
    identity: str, quiet: Exchange, loud: Exchange, operations: list[Operation]
) -> None:
    first, last = replace(quiet, id="fuzz-1"), replace(loud, id="fuzz-2")

    (finding,) = judged(identity, first, last, operations=operations)

    assert (finding.outcome, finding.exchanges) == (FAIL, ("fuzz-2",))


@pytest.mark.parametrize(("status", "outcome"), [(399, []), (400, [FAIL]), (599, [FAIL])])
def test_an_error_begins_at_400(status: int, outcome: list[Outcome]) -> None:
    assert outcomes("problem-details", exchange(status)) == outcome


@pytest.mark.parametrize(
    ("body", "sent", "is_left_alone"),
    [
        ('{"jsonrpc": "2.0"}', None, True),
        ('{"jsonrpc": "1.0"}', None, False),
        ('{"errors": []}', '{"query": "{ a }"}', True),
        ('{"errors": {}}', '{"query": "{ a }"}', False),
        ('{"errors": []}', '{"variables": {}}', False),
        ('{"errors": []}', '["query"]', False),
        ('{"errors": []}', None, False),
        ('["errors"]', '{"query": "{ a }"}', False),
    ],
)
def test_only_a_protocol_that_prescribes_errors_is_left_its_own_format(
    body: str, sent: str | None, is_left_alone: bool
) -> None:
    item = asked(exchange(400, body, method="POST"), sent)

    assert outcomes("problem-details", item) == ([] if is_left_alone else [FAIL])


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ('{"title": "x", "status": 404}', "type"),
        ('{"type": "x", "status": 404}', "title"),
        ('{"type": "x", "title": "x"}', "status"),
        ('{"type": 1, "title": "x", "status": "x"}', "type"),
    ],
)
def test_a_missing_member_is_named(body: str, seen: str) -> None:
    (finding,) = judged("problem-details", exchange(404, body, media_type=PROBLEM))

    assert finding.seen.endswith(f"with a problem without {seen}")


def test_a_problem_that_was_cut_is_taken_at_its_media_type() -> None:
    item = answered(exchange(404, "{", media_type=PROBLEM), is_truncated=True)

    assert outcomes("problem-details", item) == [PASS]
    assert outcomes("problem-status", item) == []


@pytest.mark.parametrize(
    ("sent", "echoed", "reason"),
    [
        (["caller-0001"], "caller-0001", "as-required"),
        (["a" * 8], "x", "request-id-replaced"),
        (["a" * 7], "x", "as-required"),
        (["a" * 64], "x", "request-id-replaced"),
        (["a" * 65], "x", "as-required"),
        (["caller-0001", "caller-0002"], "x", "as-required"),
    ],
)
def test_one_proper_id_of_the_caller_comes_back(sent: list[str], echoed: str, reason: str) -> None:
    item = exchange(200, headers={"x-request-id": echoed})
    item = asked(item, headers=tuple(("X-Request-Id", value) for value in sent))

    (finding,) = judged("request-ids", item)

    assert finding.reason == reason


HTML = {"body": "<p>", "media_type": "text/html"}


@pytest.mark.parametrize(
    ("headers", "base_url", "outcome"),
    [
        ({"x-content-type-options": " NOSNIFF "}, "http://a", PASS),
        ({"X-Content-Type-Options": "sniff"}, "http://a", FAIL),
        ({"X-Content-Type-Options": "nosniff"}, "https://a", FAIL),
        ({"X-Content-Type-Options": "nosniff", "strict-transport-security": "max-age=1"}, "https://a", PASS),
        ({"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": ""}, "https://a", FAIL),
    ],
)
def test_headers_are_read_whatever_their_case(headers: Any, base_url: str, outcome: Outcome) -> None:
    assert outcomes("security-headers", exchange(200, "{}", headers=headers), base_url=base_url) == [outcome]


@pytest.mark.parametrize(
    ("policies", "outcome"),
    [
        ([("content-security-policy", "default-src 'self'; Frame-Ancestors 'none'")], PASS),
        (
            [
                ("Content-Security-Policy", "default-src 'self'"),
                ("Content-Security-Policy", "frame-ancestors *"),
            ],
            PASS,
        ),
        ([("Content-Security-Policy", "default-src 'self'")], FAIL),
        ([("Content-Security-Policy", "frame"), ("Content-Security-Policy", "-ancestors")], FAIL),
        ([("x-frame-options", "")], PASS),
    ],
)
def test_any_policy_that_names_who_may_frame_is_enough(policies: list[Any], outcome: Outcome) -> None:
    item = exchange(200, "<p>", media_type="text/html")
    assert item.response is not None
    headers = (*item.response.headers, ("X-Content-Type-Options", "nosniff"), *policies)

    assert outcomes("security-headers", answered(item, headers=headers)) == [outcome]


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (499, {}, PASS),
        (500, {}, FAIL),
        (500, {"Retry-After": "1"}, FAIL),
        (503, {"retry-after": "1"}, PASS),
        (503, {"Retry-After": ""}, FAIL),
        (504, {"Retry-After": "1"}, FAIL),
    ],
)
def test_a_5xx_is_an_error_unless_it_says_when_to_come_back(
    status: int, headers: Any, outcome: Outcome
) -> None:
    item = exchange(status, headers=headers)

    assert outcomes("server-errors", item, operations=[item_operation()]) == [outcome]


def test_one_operation_that_let_somebody_in_does_not_speak_for_another() -> None:
    other = Operation(method="GET", path="/carts")
    items = [exchange(200, name="fuzz-1"), exchange(401, name="fuzz-2", target="/carts")]

    found = judged("server-errors", *items, operations=[item_operation(), other])

    assert [item.subject for item in found] == [ITEM]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Retry-After": " 5 "}, "as-required"),
        ({"retry-after": "5"}, "as-required"),
        ({"Retry-After": "5.5"}, "retry-after-unreadable"),
        ({"Retry-After": "5 seconds"}, "retry-after-unreadable"),
    ],
)
def test_a_503_says_when_in_whole_seconds(headers: Any, reason: str) -> None:
    (finding,) = judged("unavailable", problem(503, headers=headers))

    assert finding.reason == reason


def test_a_503_to_head_needs_no_problem() -> None:
    item = exchange(503, method="HEAD", headers={"Retry-After": "5"})

    assert outcomes("unavailable", item) == [PASS]


TRACE = "a" * 32
PARENT = f"00-{TRACE}-{'b' * 16}-01"


@pytest.mark.parametrize("header", ["traceresponse", "traceparent", "trace-id", "x-trace-id", "X-Trace-Id"])
def test_a_trace_may_come_back_under_any_of_its_names(header: str) -> None:
    right = exchange(200, sent={"TraceParent": PARENT}, headers={header: TRACE})
    wrong = exchange(200, sent={"TraceParent": PARENT}, headers={header: "c" * 32})

    assert outcomes("trace-context", right) == [PASS]
    assert outcomes("trace-context", wrong) == [FAIL]


def test_one_right_trace_header_among_others_is_enough() -> None:
    item = exchange(
        200, sent={"traceparent": PARENT}, headers={"trace-id": "c" * 32, "traceresponse": PARENT}
    )

    assert outcomes("trace-context", item) == [PASS]


@pytest.mark.parametrize("sent", [[f" {PARENT} "], [PARENT, PARENT]])
def test_only_one_traceparent_is_a_valid_one(sent: list[str]) -> None:
    item = asked(exchange(200), headers=tuple(("traceparent", value) for value in sent))

    assert outcomes("trace-context", item) == ([FAIL] if len(sent) == 1 else [])
