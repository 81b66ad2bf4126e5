"""Findings of one cause are told together, findings of different causes apart."""

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


def test_only_fails_are_grouped() -> None:
    assert (
        grouped([found("GET /a", outcome=Outcome.INCONCLUSIVE), found("GET /a", outcome=Outcome.PASS)]) == ()
    )
