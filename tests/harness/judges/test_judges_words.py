"""What judges say to people: the sentence that explains a fail, and what a good answer would have been."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.finding import Measurement
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, problem
from harness.judges.judging import judge_all, judges
from tests.harness.judges.asking import FAIL, OPEN, PASS, judged

#: What each judge says of its own examples, approved by a person; a change of words is a change of this file.
APPROVED: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


def test_the_words_of_every_judge_were_approved() -> None:
    assert sorted(APPROVED) == [item.id for item in judges()]


@pytest.mark.parametrize("identity", sorted(APPROVED))
@pytest.mark.parametrize("example", ["good", "bad"])
def test_it_says_of_its_examples_what_was_approved(identity: str, example: str) -> None:
    (judge,) = (item for item in judges() if item.id == identity)

    said = [
        {
            "requirement": item.requirement,
            "subject": item.subject,
            "reason": item.reason,
            "expected": item.expected,
            "seen": item.seen,
            "exchanges": list(item.exchanges),
            "reproduction": item.reproduction,
        }
        for item in judge_all(getattr(judge, example), among=[judge])
    ]

    assert said == APPROVED[identity][example]


@pytest.mark.parametrize("judge", judges(), ids=lambda judge: judge.id)
def test_its_findings_are_those_of_a_judge_and_carry_its_name(judge: Any) -> None:
    for finding in judge_all(judge.bad, among=[judge]):
        assert (finding.layer, finding.producer) == (Layer.JUDGES, f"judge:{judge.id}")


REFUSED = {"method": "DELETE"}
ONE = "1 of 1 answers: "
SENTENCES: list[tuple[str, Exchange, dict[str, Any], str, str]] = [
    (
        "allowed-methods",
        problem(405, **REFUSED),
        {},
        "allow-missing",
        f"{ONE}DELETE /items/1: no Allow header",
    ),
    (
        "allowed-methods",
        problem(405, headers={"Allow": "GET, DELETE"}, **REFUSED),
        {},
        "allow-names-refused",
        f"{ONE}DELETE /items/1: Allow lists DELETE itself",
    ),
    (
        "allowed-methods",
        problem(405, headers={"Allow": "HEAD"}, **REFUSED),
        {"operations": [item_operation(), Operation(method="PUT", path="/items/{id}")]},
        "allow-incomplete",
        f"{ONE}DELETE /items/1: Allow lacks GET, PUT, which the document declares",
    ),
    (
        "problem-details",
        exchange(404, "{}", target="/items/1?page=2"),
        {},
        "not-problem-details",
        f"{ONE}GET /items/1 answered 404 with application/json",
    ),
    (
        "problem-details",
        exchange(500),
        {},
        "not-problem-details",
        f"{ONE}GET /items/1 answered 500 with no body",
    ),
    (
        "problem-details",
        exchange(400, "x", media_type=""),
        {},
        "not-problem-details",
        f"{ONE}GET /items/1 answered 400 with an untyped body",
    ),
    (
        "problem-details",
        exchange(400, "[]", media_type=PROBLEM),
        {},
        "problem-not-an-object",
        f"{ONE}GET /items/1 answered 400 with a problem that is no object",
    ),
    (
        "problem-details",
        exchange(400, "{}", media_type=PROBLEM),
        {},
        "problem-member-missing",
        f"{ONE}GET /items/1 answered 400 with a problem without type, title, status",
    ),
    (
        "problem-status",
        exchange(404, '{"status": 410}', media_type=PROBLEM),
        {},
        "status-differs",
        f"{ONE}status 410 in an answer of 404",
    ),
    (
        "request-ids",
        exchange(200, target="/items/1?a=b"),
        {},
        "request-id-missing",
        f"{ONE}GET /items/1 answered 200 without X-Request-ID",
    ),
    (
        "request-ids",
        exchange(200, sent={"x-request-id": "caller-0001"}, headers={"X-Request-ID": "other-0001"}),
        {},
        "request-id-replaced",
        f"{ONE}GET /items/1 answered 200 with other-0001 for caller-0001",
    ),
    (
        "security-headers",
        exchange(200, "{}"),
        {},
        "nosniff-missing",
        f"{ONE}GET /items/1 answered 200 without X-Content-Type-Options: nosniff",
    ),
    (
        "security-headers",
        exchange(200, "<p>", media_type="text/html", headers={"X-Content-Type-Options": "nosniff"}),
        {},
        "framing-allowed",
        f"{ONE}GET /items/1 answered 200 with HTML that may be framed",
    ),
    (
        "security-headers",
        exchange(200, "{}", headers={"X-Content-Type-Options": "nosniff"}),
        {"base_url": "https://shop.example"},
        "hsts-missing",
        f"{ONE}GET /items/1 answered 200 without Strict-Transport-Security",
    ),
    (
        "server-errors",
        exchange(502, target="/items/1?a=b"),
        {"operations": [item_operation()]},
        "server-error",
        f"{ONE}GET /items/1 answered 502",
    ),
    (
        "stack-traces",
        exchange(500, json.dumps({"detail": "Traceback (most recent call last):\n  File x"})),
        {},
        "stack-trace",
        f"{ONE}GET /items/1 answered 500 with a Python traceback: Traceback (most recent call last)",
    ),
    (
        "stack-traces",
        exchange(400, json.dumps({"detail": "SELECT a,\n  b  FROM c WHERE d"})),
        {},
        "sql-shown",
        f"{ONE}GET /items/1 answered 400 with an SQL statement: SELECT a, b FROM c WHERE",
    ),
    (
        "trace-context",
        exchange(200, sent={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}),
        {},
        "trace-not-answered",
        f"{ONE}GET /items/1 answered 200 without a trace id",
    ),
    (
        "trace-context",
        exchange(200, sent={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}, headers={"Trace-Id": "c" * 32}),
        {},
        "trace-replaced",
        f"{ONE}GET /items/1 answered 200 with {'c' * 32} for trace {'a' * 32}",
    ),
    (
        "unavailable",
        problem(503),
        {},
        "retry-after-missing",
        f"{ONE}GET /items/1: 503 without Retry-After",
    ),
    (
        "unavailable",
        problem(503, headers={"Retry-After": "soon"}),
        {},
        "retry-after-unreadable",
        f"{ONE}GET /items/1: Retry-After is 'soon'",
    ),
    (
        "unavailable",
        exchange(503, "{}", headers={"Retry-After": "5"}),
        {},
        "not-problem-details",
        f"{ONE}GET /items/1: 503 with application/json",
    ),
    (
        "unavailable",
        exchange(503, headers={"Retry-After": "5"}),
        {},
        "not-problem-details",
        f"{ONE}GET /items/1: 503 with no media type",
    ),
    (
        "undocumented-statuses",
        exchange(409),
        {"operations": [item_operation(s404=(), s200=())]},
        "status-undocumented",
        f"{ONE}409, documented are 200, 404",
    ),
    (
        "undocumented-content-types",
        exchange(200, "x", media_type="text/html"),
        {"operations": [item_operation(s200=(JSON, "Text/CSV; header=present"))]},
        "content-type-undocumented",
        f"{ONE}200 with text/html, declared are application/json, text/csv",
    ),
    (
        "undocumented-content-types",
        exchange(200, "x", media_type=""),
        {"operations": [item_operation(s200=(JSON,))]},
        "content-type-undocumented",
        f"{ONE}200 with no type, declared are application/json",
    ),
]


@pytest.mark.parametrize(("identity", "item", "declared", "reason", "seen"), SENTENCES)
def test_a_fail_says_what_was_seen(
    identity: str, item: Exchange, declared: dict[str, Any], reason: str, seen: str
) -> None:
    (finding,) = judged(identity, item, **declared)

    assert (finding.outcome, finding.reason, finding.seen) == (FAIL, reason, seen)
    assert finding.exchanges == (item.id,)


GAPS: list[tuple[str, Operation, dict[str, Any], str]] = [
    ("described-operations", item_operation(), {}, "no operationId; neither summary nor description"),
    (
        "described-operations",
        item_operation(),
        {"operationId": "x", "description": "Read.", "parameters": [{"name": "id"}, {"name": "page"}]},
        "parameter id has no description; parameter page has no description",
    ),
    (
        "documented-errors",
        replace(item_operation(s201=(JSON,), s200=(JSON,)), takes_input=True),
        {},
        "only 200, 201 is documented",
    ),
    ("documented-errors", replace(item_operation(), is_secured=True), {}, "only nothing is documented"),
    (
        "documented-errors",
        item_operation(s404=(), s422=(), s400=(JSON,)),
        {},
        "no body is documented for 404, 422",
    ),
    (
        "documented-errors",
        Operation(method="GET", path="/items/{id}", responses={"404": ()}, is_secured=True),
        {},
        "no body is documented for 404; it needs credentials and 401 is not documented",
    ),
]


@pytest.mark.parametrize(("identity", "operation", "raw", "seen"), GAPS)
def test_a_gap_in_the_document_is_told_with_all_others(
    identity: str, operation: Operation, raw: dict[str, Any], seen: str
) -> None:
    openapi = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": raw}}}

    (finding,) = judged(identity, operations=[operation], openapi=openapi)

    assert (finding.outcome, finding.seen) == (FAIL, seen)


@pytest.mark.parametrize("documented", ["401", "4XX", "default"])
def test_any_way_to_document_a_refusal_of_strangers_is_enough(documented: str) -> None:
    operation = Operation(
        method="GET", path="/items/{id}", responses={documented: (PROBLEM,)}, is_secured=True
    )
    openapi = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {}}}}

    (finding,) = judged("documented-errors", operations=[operation], openapi=openapi)

    assert (finding.outcome, finding.reason, finding.seen) == (PASS, "as-required", "")


@pytest.mark.parametrize(
    ("statuses", "outcome", "seen", "named"),
    [
        ((404, 200, 204), PASS, "answered 200, 204, 404", ("fuzz-1",)),
        ((204, 202), FAIL, "answered 202, 204", ("fuzz-1", "fuzz-0")),
        ((401, 404, 401, 401), OPEN, "answered 401, 404", ("fuzz-0", "fuzz-2", "fuzz-3")),
        ((399, 400), FAIL, "answered 399, 400", ("fuzz-0",)),
        ((400, 500), OPEN, "answered 400, 500", ("fuzz-0", "fuzz-1")),
    ],
)
def test_what_was_seen_of_success_is_told_by_status(
    statuses: tuple[int, ...], outcome: Outcome, seen: str, named: tuple[str, ...]
) -> None:
    items = [exchange(status, name=f"fuzz-{number}") for number, status in enumerate(statuses)]

    (finding,) = judged("observed-success", *items, operations=[item_operation(s200=(JSON,))])

    assert (finding.outcome, finding.seen, finding.exchanges) == (outcome, seen, named)
    assert bool(finding.reproduction) is (outcome is not PASS)


def test_a_range_documents_a_success_and_nothing_at_all_documents_none() -> None:
    (ranged,) = judged("observed-success", exchange(204), operations=[item_operation(s2XX=())])
    (alone,) = judged("observed-success", exchange(204), operations=[item_operation(sdefault=())])
    (nothing,) = judged("observed-success", exchange(204), operations=[item_operation()])

    assert (ranged.outcome, alone.outcome, nothing.outcome) == (PASS, PASS, FAIL)
    assert nothing.expected == "a documented success of none is seen"
    assert nothing.reproduction == "curl -i http://127.0.0.1:8000/items/1"


def test_exercised_statuses_are_measured_and_named() -> None:
    operations = [item_operation(s200=(), s4XX=(), s301=(), s101=(), s429=(), s503=(), sdefault=())]
    items = [
        exchange(200, name="scenarios-1"),
        exchange(404, name="scenarios-2"),
        exchange(500, name="scenarios-3"),
    ]

    (finding,) = judged("exercised-statuses", *items, operations=operations)

    assert (finding.outcome, finding.reason) == (PASS, "statuses-exercised")
    assert finding.seen == "2 of 4 exercised; unseen: 101, 301"
    assert finding.exchanges == ("scenarios-1", "scenarios-2")
    assert finding.measurements == {
        "exercised_share": Measurement(value=0.5, low=0.5, high=0.5, limit=0.5, samples=4)
    }


def test_all_exercised_leaves_nothing_unseen() -> None:
    (finding,) = judged("exercised-statuses", exchange(200), operations=[item_operation(s200=())])

    assert finding.seen == "1 of 1 exercised"
    assert finding.expected == "at least half of 200 are exercised by contracts or scenarios"


def test_too_few_exercised_has_its_code_and_share() -> None:
    (finding,) = judged(
        "exercised-statuses",
        exchange(200, layer=Layer.CONTRACTS),
        operations=[item_operation(s200=(), s404=(), s422=())],
    )

    assert (finding.reason, finding.outcome) == ("statuses-unseen", FAIL)
    assert finding.measurements["exercised_share"].value == pytest.approx(1 / 3)


def test_an_operation_that_documents_only_what_nobody_provokes_is_not_measured() -> None:
    operations = [item_operation(s429=(), s500=(), sdefault=())]

    assert judged("exercised-statuses", exchange(200), operations=operations) == ()
