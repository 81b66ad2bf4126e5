"""How judges are run: faulted traffic kept away, a failed canary or a crash turned into errors."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.judges.examples import exchange, item_operation, problem, recorded
from harness.judges.judging import canary_failure, judge_all, judges
from harness.judges.protocol import Judge, Recorded


def named(identity: str) -> Judge:
    return next(judge for judge in judges() if judge.id == identity)


def by_requirement(found: Any) -> dict[str, Finding]:
    return {item.requirement: item for item in found}


def test_what_an_injected_fault_caused_is_not_blamed_on_the_target() -> None:
    faulted = replace(exchange(502, "{}"), fault_active=True)

    found = judge_all(recorded(faulted, operations=[item_operation()]), among=[named("server-errors")])

    assert found == ()


def test_operations_below_the_path_of_the_base_url_are_found() -> None:
    operations = Operations([item_operation()], prefix="/api").under("/shop")
    lost = [
        exchange(500, target=target, name=f"fuzz-{at}")
        for at, target in enumerate(("/items/1", "/api/items/1"))
    ]
    record = recorded(*lost, exchange(500, target="/shop/api/items/1", name="fuzz-9"))

    (finding,) = judge_all(replace(record, operations=operations), among=[named("server-errors")])

    assert (finding.subject, finding.exchanges) == ("GET /items/{id}", ("fuzz-9",))


def test_a_judge_that_asks_for_it_sees_faulted_traffic() -> None:
    faulted = replace(exchange(503, "{}"), fault_active=True)

    (finding,) = judge_all(recorded(faulted), among=[named("unavailable")])

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, "retry-after-missing")


def test_the_findings_of_a_judge_that_fails_its_canary_are_errors() -> None:
    sound = named("problem-details")
    blind = replace(sound, bad=sound.good)

    (finding,) = judge_all(recorded(problem(404)), among=[blind])

    assert (finding.outcome, finding.reason) == (Outcome.ERROR, "canary-failed")
    assert (
        canary_failure(blind) == "its bad example gives pass on errors.problem-details-everywhere, not fail"
    )


def test_a_judge_that_finds_nothing_in_its_own_examples_fails_its_canary() -> None:
    mute = replace(named("problem-details"), judge=lambda _: iter(()))

    assert "its good example gives nothing" in canary_failure(mute)


def test_a_judge_that_speaks_of_nothing_fails_its_canary() -> None:
    sound = named("problem-details")
    talkative = replace(sound, judge=lambda record: sound.judge(record if record.exchanges else sound.good))

    assert canary_failure(talkative) == "it finds something in an empty record"


def test_a_judge_that_crashes_gives_errors_for_every_subject_it_could_have_judged() -> None:
    def crash(record: Recorded) -> Any:
        raise KeyError("status")

    broken = replace(named("problem-details"), judge=crash)

    found = judge_all(recorded(problem(404), operations=[item_operation()]), among=[broken])

    assert {item.outcome for item in found} == {Outcome.ERROR}
    assert {item.subject for item in found} == {"target", "GET /items/{id}"}


def test_one_finding_per_requirement_and_subject_names_each_kind_of_flaw_first() -> None:
    same = [exchange(400, "{}", name=f"fuzz-{number}", layer=Layer.FUZZ) for number in range(1, 30)]
    other = exchange(404, "plain", name="fuzz-99", layer=Layer.FUZZ, media_type="text/plain")

    (finding,) = judge_all(recorded(*same, other), among=[named("problem-details")])

    assert finding.exchanges[:3] == ("fuzz-1", "fuzz-99", "fuzz-2")
    assert len(finding.exchanges) == 10
    assert finding.seen.startswith("30 of 30 answers: ")


def test_exchanges_are_named_in_the_order_they_were_recorded() -> None:
    items = [exchange(400, "{}", name=name) for name in ("fuzz-10", "fuzz-9", "fuzz-2")]

    (finding,) = judge_all(recorded(*items), among=[named("problem-details")])

    assert finding.exchanges == ("fuzz-2", "fuzz-9", "fuzz-10")


def test_a_fail_carries_a_reproduction_and_a_pass_does_not() -> None:
    (failed,) = judge_all(recorded(exchange(404, "{}")), among=[named("problem-details")])
    (passed,) = judge_all(recorded(problem(404)), among=[named("problem-details")])

    assert failed.reproduction == "curl -i http://127.0.0.1:8000/items/1"
    assert passed.reproduction == ""


def test_answers_to_requests_that_http_forbids_are_left_to_the_server() -> None:
    plain = {"media_type": "text/plain"}
    malformed = [
        exchange(400, "Invalid HTTP request received.", method="BREW", **plain),
        exchange(400, "Invalid HTTP request received.", target="/a b", **plain),
        exchange(400, "Invalid HTTP request received.", sent={"X-Odd": "a\x00b"}, **plain),
        exchange(400, "Invalid HTTP request received.", sent={"X Odd": "a"}, **plain),
    ]

    assert judge_all(recorded(*malformed), among=[named("problem-details")]) == ()


@pytest.mark.parametrize(
    ("target", "is_left"),
    [
        ("/a%2", True),
        ("/a%zz", True),
        ("/a%20%zz", True),
        ("/a%00", True),
        ("/a%ff", True),
        ("/a%C3", True),
        ("/" + "a" * 4096, True),
        ("/" + "a" * 4095, False),
        ("/a%20b", False),
        ("/a%C3%A4", False),
        ("/a", False),
    ],
)
def test_an_address_that_no_application_has_to_read_is_left_to_the_server(
    target: str, *, is_left: bool
) -> None:
    found = judge_all(recorded(exchange(404, "{}", target=target)), among=[named("problem-details")])

    assert (found == ()) is is_left
