"""A judge shows itself on examples before it is believed, and sees no more than what it asked for."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.judges.examples import exchange, item_operation, problem, recorded
from harness.judges.judging import canary_failure, canary_failures, judge_all
from harness.judges.protocol import Recorded
from tests.harness.judges.asking import FAIL, ITEM, PASS, judge, judged, outcomes


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
