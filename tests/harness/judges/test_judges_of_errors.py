"""What the judges of error answers take for a flaw and what they leave alone."""

import base64
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.outcome import Outcome
from harness.judges.examples import PROBLEM, exchange, item_operation, problem, recorded
from harness.judges.judging import judge_all, judges

PASS, FAIL = Outcome.PASS, Outcome.FAIL


def judged(identity: str, *exchanges: Exchange, **declared: Any) -> tuple[Finding, ...]:
    return judge_all(
        recorded(*exchanges, **declared), among=[item for item in judges() if item.id == identity]
    )


def compressed(item: Exchange, encoding: str) -> Exchange:
    assert item.response is not None
    raw = gzip.compress((item.response.body or "").encode(), mtime=0)
    headers = (*item.response.headers, ("Content-Encoding", encoding))
    body = base64.b64encode(raw).decode()
    return replace(item, response=replace(item.response, headers=headers, body=body, body_is_base64=True))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (exchange(404, "{}"), "not-problem-details"),
        (exchange(500), "not-problem-details"),
        (exchange(404, "[]", media_type=PROBLEM), "problem-not-an-object"),
        (exchange(404, '{"title": "x", "status": 404}', media_type=PROBLEM), "problem-member-missing"),
        (
            exchange(404, '{"type": 1, "title": "x", "status": 404}', media_type=PROBLEM),
            "problem-member-missing",
        ),
        (exchange(404, '{"type": "x", "title": "x"}', media_type=PROBLEM), "problem-member-missing"),
        (compressed(exchange(404, "[]", media_type=PROBLEM), "gzip"), "problem-not-an-object"),
    ],
)
def test_an_error_that_is_no_problem_fails(item: Exchange, reason: str) -> None:
    (finding,) = judged("problem-details", item)

    assert (finding.outcome, finding.reason) == (FAIL, reason)


@pytest.mark.parametrize(
    "item",
    [
        problem(404),
        compressed(problem(404), "gzip"),
        compressed(problem(404), "br"),
        exchange(404, '{"type": "x", "title": "x", "status": 404}', media_type=f"{PROBLEM}; charset=utf-8"),
    ],
)
def test_an_error_that_is_a_problem_passes(item: Exchange) -> None:
    (finding,) = judged("problem-details", item)

    assert finding.outcome is PASS


@pytest.mark.parametrize(
    "item",
    [
        exchange(200, "{}"),
        exchange(304),
        exchange(404, method="HEAD"),
        exchange(400, '{"errors": []}', media_type="application/graphql-response+json", method="POST"),
        exchange(400, '{"jsonrpc": "2.0", "error": {"code": -32600}}', method="POST"),
    ],
)
def test_what_is_no_error_or_has_its_own_format_says_nothing_of_problems(item: Exchange) -> None:
    assert judged("problem-details", item) == ()


def test_a_graphql_error_in_plain_json_is_known_by_its_request() -> None:
    asked = exchange(400, '{"errors": [{"message": "no"}]}', method="POST")
    asked = replace(asked, request=replace(asked.request, body='{"query": "{ a }"}'))

    assert judged("problem-details", asked) == ()


@pytest.mark.parametrize(
    ("stated", "outcome"), [(404, PASS), (404.0, PASS), (400, FAIL), ("404", FAIL), (True, FAIL)]
)
def test_the_status_member_has_to_be_the_number_of_the_answer(stated: object, outcome: Outcome) -> None:
    (finding,) = judged("problem-status", exchange(404, json.dumps({"status": stated}), media_type=PROBLEM))

    assert finding.outcome is outcome


def test_a_problem_without_the_status_member_says_nothing_of_it() -> None:
    assert judged("problem-status", exchange(404, "{}", media_type=PROBLEM)) == ()


LEAKS = {
    "python": 'Traceback (most recent call last):\n  File "/srv/x.py", line 1, in f',
    "python frame": 'File "/srv/shop/api.py", line 12, in get',
    "java": "java.lang.NullPointerException\n\tat com.shop.Items.get(Items.java:42)",
    "java cause": "Caused by: org.postgresql.util.PSQLException: refused",
    "javascript": "TypeError: x is undefined\n    at get (/app/src/items.js:10:5)",
    "node": "    at async Server.<anonymous> (node:internal/process/task_queues:95:5)",
    "dotnet": "   at Shop.Items.Get(Int32 id) in C:\\src\\Items.cs:line 7",
    "go": "panic: boom\n\ngoroutine 7 [running]:",
    "go frame": "main.get()\n\t/go/src/shop/items.go:10 +0x1d",
    "ruby": "app/models/item.rb:10:in `find'",
    "php": "#0 /var/www/html/index.php(12): get()",
    "php error": "Fatal error: Uncaught Error in /var/www/index.php on line 3",
    "rust": "thread 'main' panicked at src/main.rs:2:5",
    "elixir": "(shop 0.1.0) lib/shop/items.ex:12: Shop.Items.get/1",
}


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS.keys())
@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_stack_trace_of_any_language_is_found(text: str, form: str) -> None:
    body = text if form == "plain" else json.dumps({"detail": text})

    (finding,) = judged("stack-traces", exchange(500, body))

    assert (finding.outcome, finding.reason) == (FAIL, "stack-trace")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[SQL: SELECT 1]", "sql-shown"),
        ("SELECT id, name FROM items WHERE id = 1", "sql-shown"),
        ("INSERT INTO items (id) VALUES (1)", "sql-shown"),
        ('ERROR: syntax error at or near "FROM"', "sql-shown"),
        ("ORA-00942: table or view does not exist", "sql-shown"),
        ("UNIQUE constraint failed: users.email", "sql-shown"),
        ("sqlalchemy.exc.IntegrityError", "driver-shown"),
        ("redis.exceptions.ConnectionError: refused", "driver-shown"),
        ("cannot open /usr/local/lib/python3.11/shop.py", "path-shown"),
        ("lib/python3.11/site-packages/shop", "path-shown"),
        ("C:\\Users\\shop\\web.config", "path-shown"),
    ],
)
def test_sql_drivers_and_paths_are_found(text: str, reason: str) -> None:
    (finding,) = judged("stack-traces", exchange(400, json.dumps({"detail": text})))

    assert (finding.outcome, finding.reason) == (FAIL, reason)
    assert "answered 400 with" in finding.seen


@pytest.mark.parametrize(
    "text",
    [
        "The file must be a .py file of at most 10 lines.",
        "Select at least one item from the list.",
        "Insert into the slot.",
        "/problems/not-found",
        "/api/app/items.json",
        "Update your profile, set a password.",
        "Error at position 3 of the query.",
    ],
)
def test_prose_about_errors_is_no_leak(text: str) -> None:
    (finding,) = judged("stack-traces", exchange(400, json.dumps({"detail": text})))

    assert finding.outcome is PASS


def test_what_the_request_itself_brought_is_no_leak() -> None:
    item = exchange(422, json.dumps({"input": "SELECT a FROM b WHERE c"}), method="POST")
    item = replace(item, request=replace(item.request, body="SELECT a FROM b WHERE c"))

    (finding,) = judged("stack-traces", item)

    assert finding.outcome is PASS


def test_a_success_that_speaks_of_traces_is_no_leak() -> None:
    assert judged("stack-traces", exchange(200, json.dumps({"book": LEAKS["python"]}))) == ()


def test_an_error_inside_a_graphql_success_is_read() -> None:
    (finding,) = judged("stack-traces", exchange(200, json.dumps({"errors": [{"message": LEAKS["python"]}]})))

    assert finding.outcome is FAIL


def test_a_compressed_trace_is_found() -> None:
    (finding,) = judged("stack-traces", compressed(exchange(500, LEAKS["python"]), "gzip"))

    assert finding.outcome is FAIL


@pytest.mark.parametrize(
    ("sent", "answered", "reason"),
    [
        ({}, {}, "request-id-missing"),
        ({"x-request-id": "caller-0001"}, {"X-Request-ID": "other-0001"}, "request-id-replaced"),
        ({"x-request-id": "caller-0001"}, {"X-Request-ID": "caller-0001"}, "as-required"),
        ({"x-request-id": "bad id\t<script>"}, {"X-Request-ID": "fresh-0001"}, "as-required"),
        ({"x-request-id": "short"}, {"X-Request-ID": "fresh-0001"}, "as-required"),
        ({}, {"X-Request-ID": "fresh-0001"}, "as-required"),
    ],
)
def test_request_ids(sent: dict[str, str], answered: dict[str, str], reason: str) -> None:
    (finding,) = judged("request-ids", exchange(200, sent=sent, headers=answered))

    assert finding.reason == reason


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        ({"traceresponse": f"00-{TRACE}-1111111111111111-01"}, "as-required"),
        ({"Trace-Id": TRACE}, "as-required"),
        ({"traceresponse": "00-" + "1" * 32 + "-1111111111111111-01"}, "trace-replaced"),
        ({}, "trace-not-answered"),
    ],
)
def test_trace_context(answered: dict[str, str], reason: str) -> None:
    (finding,) = judged("trace-context", exchange(200, sent={"traceparent": PARENT}, headers=answered))

    assert finding.reason == reason


@pytest.mark.parametrize(
    "parent",
    [
        "",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        "x",
    ],
)
def test_an_invalid_traceparent_asks_for_nothing(parent: str) -> None:
    assert judged("trace-context", exchange(200, sent={"traceparent": parent})) == ()


@pytest.mark.parametrize(
    ("retry", "outcome"),
    [("5", PASS), ("Wed, 21 Oct 2026 07:28:00 GMT", PASS), ("soon", FAIL), ("-1", FAIL), ("", FAIL)],
)
def test_retry_after_is_seconds_or_a_date(retry: str, outcome: Outcome) -> None:
    (finding,) = judged("unavailable", problem(503, headers={"Retry-After": retry}))

    assert finding.outcome is outcome


def test_a_503_in_another_format_fails() -> None:
    (finding,) = judged("unavailable", exchange(503, "{}", headers={"Retry-After": "5"}))

    assert finding.reason == "not-problem-details"


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        (exchange(500), FAIL),
        (exchange(502), FAIL),
        (exchange(503), FAIL),
        (exchange(503, headers={"Retry-After": "1"}), PASS),
        (exchange(404), PASS),
        (exchange(200), PASS),
    ],
)
def test_server_errors(item: Exchange, outcome: Outcome) -> None:
    (finding,) = judged("server-errors", item, operations=[item_operation()])

    assert finding.outcome is outcome


@pytest.mark.parametrize("status", [401, 403, 405, 429])
def test_an_operation_that_let_nobody_in_has_not_been_tried(status: int) -> None:
    assert judged("server-errors", exchange(status), operations=[item_operation()]) == ()


def test_an_undeclared_path_is_nobodys_operation() -> None:
    assert judged("server-errors", exchange(500, target="/elsewhere"), operations=[item_operation()]) == ()
