"""Findings of one cause are told together, findings of different causes apart."""

from dataclasses import replace

import pytest

from harness.core.cause import cause_of, grouped, poisoned
from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.judges.examples import exchange

OPERATIONS = Operations(
    Operation(method=method, path=path)
    for method, path in (("GET", "/a"), ("GET", "/b"), ("GET", "/c/{id}"), ("POST", "/a"))
)
ERROR = '{"detail": "Internal Server Error", "instance": "%s", "trace": "4bf92f3577b34da6a3ce929d0e0e4736"}'


def found(
    subject: str, seen: str = "", *, reason: str = "server-error", outcome: Outcome = Outcome.FAIL
) -> Finding:
    return Finding(
        requirement="errors.no-server-errors",
        subject=subject,
        outcome=outcome,
        reason=reason,
        layer=Layer.JUDGES,
        producer="judge:x",
        seen=seen,
    )


def told(*steps: tuple[str, str, int]) -> list[Exchange]:
    return [
        exchange(
            status,
            ERROR % target if status >= 500 else "{}",
            name=f"fuzz-{at}",
            method=method,
            target=target,
            layer=Layer.FUZZ,
        )
        for at, (method, target, status) in enumerate(steps)
    ]


POISONED = (
    ("GET", "/a", 200), ("GET", "/b", 200), ("POST", "/a", 201),
    ("GET", "/a", 500), ("GET", "/b", 500), ("GET", "/c/1", 500),
)  # fmt: skip


def test_the_same_words_on_many_operations_are_one_cause() -> None:
    words = "{} of 9 answers: {} has no 'x-content-type-options'"
    first = found("GET /a", words.format(3, "GET /a"), reason="header-missing")
    second = found("POST /c/{id}", words.format(8, "POST /c/77"), reason="header-missing")

    assert cause_of(first) == cause_of(second)


def test_another_status_is_another_cause() -> None:
    first = found("GET /a", "GET /a answered 418", reason="status-undocumented")
    second = found("GET /b", "GET /b answered 422", reason="status-undocumented")

    assert cause_of(first) != cause_of(second)


def test_crashes_of_different_operations_are_different_causes() -> None:
    assert cause_of(found("GET /a", "answered 500")) != cause_of(found("GET /b", "answered 500"))


def test_reads_that_break_after_one_write_are_one_cause() -> None:
    poisoning = poisoned(told(*POISONED), OPERATIONS)

    causes = grouped([found(name) for name in ("GET /a", "GET /b", "GET /c/{id}", "POST /a")], poisoning)

    assert [len(cause.findings) for cause in causes] == [3, 1]
    assert causes[0].key == "server-error since POST /a (fuzz-2)"


def test_a_read_that_answers_again_was_not_poisoned() -> None:
    assert poisoned(told(*POISONED, ("GET", "/b", 200)), OPERATIONS) == {}


def test_reads_that_never_worked_blame_no_write() -> None:
    never_well = [step for step in POISONED if step[0] == "POST" or step[2] == 500]

    assert poisoned(told(*never_well), OPERATIONS) == {}


def test_two_broken_reads_may_be_a_coincidence() -> None:
    assert poisoned(told(*POISONED[:-1]), OPERATIONS) == {}


def test_different_errors_are_not_of_one_write() -> None:
    other = exchange(500, "division by zero", name="fuzz-9", target="/c/1", layer=Layer.FUZZ)

    assert poisoned([*told(*POISONED[:-1]), other], OPERATIONS) == {}


WRITER = "POST /a (fuzz-2)"
READS = ("GET /a", "GET /b", "GET /c/{id}")


def test_only_reads_that_the_document_knows_can_be_poisoned() -> None:
    steps = (*POISONED, ("GET", "/unknown", 500), ("DELETE", "/a", 500))

    assert poisoned(told(*steps), OPERATIONS) == dict.fromkeys(READS, WRITER)


def test_what_was_not_answered_or_was_meant_to_fail_blames_no_write() -> None:
    exchanges = told(*POISONED, *POISONED[-1:])
    last = exchanges[-2]
    under_fault = [*exchanges[:-2], replace(last, fault_active=True)]
    unanswered = [*exchanges[:-2], replace(last, response=None)]

    assert poisoned(under_fault, OPERATIONS) == poisoned(unanswered, OPERATIONS) == {}
    assert poisoned([*under_fault, exchanges[-1]], OPERATIONS) == dict.fromkeys(READS, WRITER)
    assert poisoned([*unanswered, exchanges[-1]], OPERATIONS) == dict.fromkeys(READS, WRITER)


def test_a_layer_is_not_poisoned_by_what_another_one_wrote() -> None:
    exchanges = told(*POISONED)
    exchanges[2] = replace(exchanges[2], layer=Layer.SCENARIOS)

    assert poisoned(exchanges, OPERATIONS) == {}


def test_one_read_that_worked_as_the_very_first_is_enough() -> None:
    steps = (
        ("GET", "/a", 200),
        ("POST", "/a", 201),
        ("GET", "/a", 500),
        ("GET", "/b", 500),
        ("GET", "/c/1", 500),
    )

    assert poisoned(told(*steps), OPERATIONS) == dict.fromkeys(READS, "POST /a (fuzz-1)")


def test_a_read_that_broke_as_the_very_first_was_not_poisoned_by_a_later_write() -> None:
    steps = (("GET", "/c/1", 500), *POISONED)

    assert poisoned(told(*steps), OPERATIONS) == {}


def test_a_read_that_broke_first_and_answers_again_is_not_broken() -> None:
    steps = (("GET", "/c/1", 500), ("GET", "/c/1", 200), *POISONED)

    assert poisoned(told(*steps), OPERATIONS) == {}


FOUR = Operations([*OPERATIONS, Operation(method="GET", path="/d")])


def test_a_read_that_broke_as_the_very_first_and_answers_again_speaks_for_no_other() -> None:
    steps = (("GET", "/d", 500), ("GET", "/d", 200), *POISONED)

    assert poisoned(told(*steps), FOUR) == dict.fromkeys(READS, "POST /a (fuzz-4)")


def test_a_read_that_was_broken_from_the_start_in_the_same_way_clears_the_write() -> None:
    assert poisoned(told(("GET", "/d", 500), *POISONED), FOUR) == {}


def test_two_reads_that_broke_beside_one_that_was_broken_from_the_start_are_two() -> None:
    steps = (
        ("GET", "/a", 500), ("GET", "/b", 200), ("POST", "/a", 201), ("GET", "/b", 500), ("GET", "/c/1", 500),
    )  # fmt: skip

    assert poisoned(told(*steps), OPERATIONS) == {}


@pytest.mark.parametrize("status", [300, 404, 499])
def test_what_is_neither_well_nor_a_crash_says_nothing(status: int) -> None:
    between = ("GET", "/b", status)

    assert poisoned(told(*POISONED[:3], between, *POISONED[3:]), OPERATIONS) == dict.fromkeys(READS, WRITER)
    assert poisoned(told(*POISONED, between), OPERATIONS) == dict.fromkeys(READS, WRITER)


def test_the_last_write_before_the_first_crash_is_to_blame() -> None:
    steps = (*POISONED[:2], ("POST", "/a", 201), ("POST", "/a", 201), *POISONED[3:], ("POST", "/a", 201))

    assert poisoned(told(*steps), OPERATIONS) == dict.fromkeys(READS, "POST /a (fuzz-3)")


def test_reads_that_break_with_no_write_between_blame_nothing() -> None:
    steps = (("POST", "/a", 201), *POISONED[:2], *POISONED[3:], ("POST", "/a", 201))

    assert poisoned(told(*steps), OPERATIONS) == {}


def test_crashes_without_a_body_are_of_one_error_by_their_status() -> None:
    exchanges = [
        item
        if item.response is None or item.response.status < 500
        else replace(item, response=replace(item.response, body=body))
        for item, body in zip(told(*POISONED), (None, None, None, None, "", None), strict=True)
    ]

    assert poisoned(exchanges, OPERATIONS) == dict.fromkeys(READS, WRITER)


def test_a_cause_holds_its_findings_and_the_one_that_breaks_most_comes_first() -> None:
    words = "GET {} has no 'x-{}'"
    many = [found(name, words.format(name, name), reason="header-missing") for name in ("/b", "/c")]
    other, single = found("GET /z"), found("GET /a")

    causes = grouped([other, single, *many])

    assert [(cause.key, cause.findings) for cause in causes] == [
        ("errors.no-server-errors header-missing METHOD /… has no '…'", tuple(many)),
        ("errors.no-server-errors server-error GET /a", (single,)),
        ("errors.no-server-errors server-error GET /z", (other,)),
    ]


def test_only_fails_are_grouped() -> None:
    assert (
        grouped([found("GET /a", outcome=Outcome.INCONCLUSIVE), found("GET /a", outcome=Outcome.PASS)]) == ()
    )
