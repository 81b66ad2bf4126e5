"""Where the line runs in each judge: the nearest case on either side of it."""

import base64
import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange, Request, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, problem, recorded
from harness.judges.judging import canary_failure, canary_failures, judge_all, judges
from harness.judges.protocol import Recorded

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
ITEM = "GET /items/{id}"


def judge(identity: str) -> Any:
    return next(item for item in judges() if item.id == identity)


def judged(identity: str, *exchanges: Exchange, **declared: Any) -> tuple[Finding, ...]:
    return judge_all(recorded(*exchanges, **declared), among=[judge(identity)])


def outcomes(identity: str, *exchanges: Exchange, **declared: Any) -> list[Outcome]:
    return [item.outcome for item in judged(identity, *exchanges, **declared)]


def asked(item: Exchange, body: str | None = None, **fields: Any) -> Exchange:
    return replace(item, request=replace(item.request, body=body, **fields))


def answered(item: Exchange, **fields: Any) -> Exchange:
    assert item.response is not None
    return replace(item, response=replace(item.response, **fields))


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


def base64_of(item: Exchange, raw: bytes, encoding: str) -> Exchange:
    assert item.response is not None
    headers = (*item.response.headers, ("content-encoding", encoding))
    return answered(item, body=base64.b64encode(raw).decode(), body_is_base64=True, headers=headers)


TRACEBACK = b"Traceback (most recent call last)"


@pytest.mark.parametrize(
    ("raw", "encoding", "outcome"),
    [
        (TRACEBACK, "", [FAIL]),
        (TRACEBACK, "identity", [FAIL]),
        (TRACEBACK, " Identity ", [FAIL]),
        (gzip.compress(TRACEBACK), "gzip", [FAIL]),
        (gzip.compress(TRACEBACK), " GZIP", [FAIL]),
        (zlib.compress(TRACEBACK), "deflate", [FAIL]),
        (TRACEBACK, "br", []),
        (b"\xff" + TRACEBACK, "", []),
        (b"no gzip" + TRACEBACK, "gzip", []),
    ],
)
def test_a_body_is_read_through_the_codings_that_can_be_undone(
    raw: bytes, encoding: str, outcome: list[Outcome]
) -> None:
    assert outcomes("stack-traces", base64_of(exchange(500, "x"), raw, encoding)) == outcome


def test_of_a_compressed_body_the_first_mebibyte_is_read() -> None:
    short = gzip.compress(b"a" * ((1 << 20) - 100) + b" " + TRACEBACK)
    long = gzip.compress(b"a" * (1 << 20) + TRACEBACK)

    assert outcomes("stack-traces", base64_of(exchange(500, "x"), short, "gzip")) == [FAIL]
    assert outcomes("stack-traces", base64_of(exchange(500, "x"), long, "gzip")) == [PASS]


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        (exchange(399, "Traceback (most recent call last)"), []),
        (exchange(400, "Traceback (most recent call last)"), [FAIL]),
        (exchange(200, json.dumps({"errors": ["Traceback (most recent call last)"]})), [FAIL]),
        (exchange(200, json.dumps({"errors": []})), []),
        (exchange(200, json.dumps({"errors": "Traceback (most recent call last)"})), []),
        (exchange(200, json.dumps(["Traceback (most recent call last)"])), []),
        (exchange(500, json.dumps({"a": {"b": ["x", "Traceback (most recent call last)"]}})), [FAIL]),
        (exchange(500, json.dumps({"a": "in line 1", "b": 'File "x.py"'})), [PASS]),
        (exchange(500, json.dumps(["goroutine 7", "[running]:"])), [PASS]),
        (exchange(500), []),
    ],
)
def test_errors_are_read_text_by_text(item: Exchange, outcome: list[Outcome]) -> None:
    assert outcomes("stack-traces", item) == outcome


def test_texts_are_quoted_up_to_120_characters_on_one_line() -> None:
    statement = "SELECT " + "a_long_column, " * 15 + "b\nFROM items WHERE 1"

    (finding,) = judged("stack-traces", exchange(500, json.dumps({"detail": statement})))

    assert finding.seen.startswith(
        "1 of 1 answers: GET /items/1 answered 500 with an SQL statement: SELECT a_"
    )
    assert len(finding.seen.partition("an SQL statement: ")[2]) == 120


def test_what_the_target_of_the_request_brought_is_no_leak_and_another_leak_is() -> None:
    echoed = exchange(404, json.dumps({"path": "/site-packages/x"}), target="/site-packages/x")
    beside = exchange(
        404,
        json.dumps({"path": "/site-packages/x", "at": "goroutine 7 [running]:"}),
        target="/site-packages/x",
    )

    assert outcomes("stack-traces", echoed) == [PASS]
    assert outcomes("stack-traces", beside) == [FAIL]


@pytest.mark.parametrize(
    ("name", "value", "reaches"),
    [
        ("X-Good", "tab\there", True),
        ("X-Bad", "line\nhere", False),
        ("X-Bad", "\x7f", False),
        ("X Bad", "x", False),
        ("", "x", False),
    ],
)
def test_a_request_with_a_header_that_http_forbids_never_reached_the_application(
    name: str, value: str, reaches: bool
) -> None:
    item = asked(exchange(404), headers=(("X-First", "1"), (name, value)))

    assert bool(judged("problem-details", item)) is reaches


@pytest.mark.parametrize(
    ("headers", "reaches"),
    [
        ([("Host", "a")], True),
        ([("Host", "a"), ("host", "a")], False),
        ([("Content-Length", "1")], True),
        ([("Transfer-Encoding", "chunked")], True),
        ([("transfer-encoding", "chunked"), ("content-length", "1")], False),
    ],
)
def test_a_request_framed_two_ways_never_reached_the_application(headers: Any, reaches: bool) -> None:
    assert bool(judged("problem-details", asked(exchange(404), headers=tuple(headers)))) is reaches


def test_what_could_not_be_parsed_never_reached_the_application() -> None:
    unparsed, closed = (replace(exchange(404), gap=gap) for gap in ("unparsed", "connection-closed"))

    assert outcomes("problem-details", unparsed) == []
    assert outcomes("problem-details", closed) == [FAIL]


def test_ids_are_ordered_by_layer_and_number_and_odd_ones_by_name() -> None:
    names = ["scenarios-2", "fuzz-1", "fuzz-10", "fuzz-9", "fuzz-x", "odd", "fuzz-9a"]
    items = [exchange(404, str(number), name=name) for number, name in enumerate(names)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges[0] == "odd"
    assert [name for name in finding.exchanges if name.startswith("fuzz")] == [
        "fuzz-9a", "fuzz-x", "fuzz-1", "fuzz-9", "fuzz-10",
    ]  # fmt: skip
    assert finding.exchanges[-1] == "scenarios-2"


def test_at_most_ten_different_flaws_are_named() -> None:
    items = [exchange(404, "x", name=f"fuzz-{n}", target=f"/{n}") for n in range(1, 13)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges == tuple(f"fuzz-{n}" for n in range(1, 11))
    assert finding.seen.count(";") == 9
    assert finding.seen.startswith("12 of 12 answers: ")


def test_a_second_example_of_a_flaw_is_named_after_the_first_of_each() -> None:
    items = [exchange(404, "x", name=f"fuzz-{n}", target=f"/{n % 9}") for n in range(1, 13)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges == (*(f"fuzz-{n}" for n in range(1, 10)), "fuzz-10")


def crash(_record: Recorded) -> Any:
    raise KeyError("status")


def test_a_judge_that_crashes_fails_its_canary() -> None:
    broken = replace(judge("problem-details"), judge=crash)

    assert canary_failure(broken) == (
        "its good example gives error on errors.problem-details-everywhere, not pass"
    )


def test_a_crash_on_a_real_record_is_told_as_a_crash() -> None:
    sound = judge("problem-details")

    def sometimes(record: Recorded) -> Any:
        if record.base_url == "http://crash":
            raise KeyError("status")
        return sound.judge(record)

    found = judge_all(
        recorded(problem(404), operations=[item_operation()], base_url="http://crash"),
        among=[replace(sound, judge=sometimes)],
    )

    assert [(item.subject, item.reason, item.seen) for item in found] == [
        ("target", "judge-crashed", "KeyError: 'status'"),
        (ITEM, "judge-crashed", "KeyError: 'status'"),
    ]
    assert {(item.requirement, item.producer, item.layer, item.outcome) for item in found} == {
        ("errors.problem-details-everywhere", "judge:problem-details", Layer.JUDGES, Outcome.ERROR)
    }


def test_a_judge_that_gives_two_outcomes_on_one_example_is_told_with_both() -> None:
    sound = judge("problem-details")
    torn = replace(sound, judge=lambda _: iter([*sound.judge(sound.good), *sound.judge(sound.bad)]))

    assert canary_failure(torn) == (
        "its good example gives fail, pass on errors.problem-details-everywhere, not pass"
    )


def test_a_distrusted_finding_says_how_the_canary_failed() -> None:
    sound = judge("problem-details")

    (finding,) = judge_all(recorded(problem(404)), among=[replace(sound, bad=sound.good)])

    assert finding.seen == "its bad example gives pass on errors.problem-details-everywhere, not fail"
    assert finding.subject == "target"


def test_every_judge_is_listed_with_how_it_fails_its_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = judge("problem-details")
    blind = replace(sound, id="blind", bad=sound.good)
    monkeypatch.setattr("harness.judges.judging.judges", lambda: (sound, blind))

    assert canary_failures() == {
        "blind": "its bad example gives pass on errors.problem-details-everywhere, not fail"
    }


def test_all_judges_judge_when_none_is_named() -> None:
    found = judge_all(recorded(exchange(404, "{}")))

    assert {item.producer for item in found} >= {"judge:problem-details", "judge:security-headers"}


def test_faulted_traffic_is_shown_to_those_who_ask_and_calm_traffic_to_all() -> None:
    calm, faulted = exchange(503, name="chaos-1"), replace(exchange(503, name="chaos-2"), fault_active=True)

    (seen,) = judged("unavailable", calm, faulted)
    (spared,) = judged("problem-details", calm, faulted)

    assert seen.exchanges == ("chaos-1", "chaos-2")
    assert spared.exchanges == ("chaos-1",)


def test_operations_under_a_prefix_are_found_again_and_again() -> None:
    operations = Operations([item_operation(s200=())], prefix="/v1")
    items = tuple(exchange(409, target="/v1/items/1", name=f"fuzz-{n}") for n in (1, 2))
    record = replace(recorded(), exchanges=items, operations=operations)

    (finding,) = judge_all(record, among=[judge("undocumented-statuses")])

    assert (finding.subject, finding.exchanges) == (ITEM, ("fuzz-1", "fuzz-2"))


def test_an_operation_that_documents_nothing_does_not_end_the_reading() -> None:
    silent = Operation(method="GET", path="/carts")
    items = [exchange(200, name="fuzz-1", target="/carts"), exchange(409, name="fuzz-2")]

    found = judged("undocumented-statuses", *items, operations=[silent, item_operation(s200=())])

    assert [(item.subject, item.outcome) for item in found] == [(ITEM, FAIL)]


def test_two_methods_of_one_path_are_not_taken_for_one_another() -> None:
    put = Operation(method="PUT", path="/items/{id}", responses={"409": ()})
    items = [exchange(409, name="fuzz-1"), exchange(409, name="fuzz-2", method="PUT")]

    found = judged("undocumented-statuses", *items, operations=[item_operation(s200=()), put])

    assert {item.subject: item.outcome for item in found} == {ITEM: FAIL, "PUT /items/{id}": PASS}


def test_who_sees_faults_is_not_shown_what_never_reached_the_application_either() -> None:
    malformed = exchange(503, method="BREW")

    assert outcomes("unavailable", malformed) == []


@pytest.mark.parametrize(
    ("item", "has_content"),
    [
        (answered(exchange(200), body_size=5), True),
        (answered(exchange(200), body="x", body_size=0), True),
        (exchange(200), False),
        (answered(exchange(200, method="HEAD"), body_size=5), False),
        (answered(exchange(204), body_size=5), False),
        (answered(exchange(304), body_size=5), False),
        (answered(exchange(205), body_size=5), True),
        (answered(exchange(305), body_size=5), True),
    ],
)
def test_an_answer_has_content_unless_http_says_that_it_has_none(item: Exchange, has_content: bool) -> None:
    assert outcomes("security-headers", item) == ([FAIL] if has_content else [])


def test_a_status_member_in_another_format_is_not_that_of_a_problem() -> None:
    assert outcomes("problem-status", exchange(404, '{"status": 410}')) == []


def test_a_body_that_was_cut_is_not_read_even_where_it_happens_to_be_json() -> None:
    cut = answered(exchange(404, '{"status": 410}', media_type=PROBLEM), is_truncated=True)

    assert outcomes("problem-status", cut) == []


def test_an_empty_problem_does_not_end_the_reading() -> None:
    empty = exchange(404, "{}", media_type=PROBLEM, name="fuzz-1")
    wrong = exchange(404, '{"status": 1}', media_type=PROBLEM, name="fuzz-2")

    assert outcomes("problem-status", empty, wrong) == [FAIL]
