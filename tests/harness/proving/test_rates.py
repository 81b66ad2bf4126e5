"""Rates say how many of how many, with an interval; what was not applied is no trial, a crash is no catch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proving.attribution import Cell
from harness.proving.publish import detection, markdown, regressions
from harness.proving.rates import Rate, rates_of
from tests.harness.proving.conftest import make_proof


def test_a_crash_is_counted_apart_and_is_no_catch() -> None:
    rates = rates_of([make_proof("a"), make_proof("b", Cell.CRASHED)])

    assert (rates.detected, rates.crashed, rates.missed) == (Rate(hits=1, trials=2), 1, ("b",))


def test_a_defect_that_could_not_be_applied_says_nothing_of_the_harness() -> None:
    rates = rates_of([make_proof("a"), make_proof("b", Cell.ERROR)])

    assert (rates.detected, rates.errors) == (Rate(hits=1, trials=1), 1)


def test_only_defects_with_a_twin_are_trials_for_false_alarms() -> None:
    rates = rates_of(
        [make_proof("a"), make_proof("b", twin_alarms=None), make_proof("c", twin_alarms=("x",))]
    )

    assert rates.alarms == Rate(hits=1, trials=2)
    assert rates.youden == pytest.approx(0.5)


def test_without_twins_there_is_no_false_alarm_rate_and_no_j() -> None:
    rates = rates_of([make_proof("a", twin_alarms=None)])

    assert (rates.alarms.share, rates.youden) == (None, None)


@given(st.lists(st.sampled_from(list(Cell)), max_size=30))
def test_every_defect_is_caught_or_missed_by_name(cells: list[Cell]) -> None:
    proofs = [make_proof(f"d{number}", cell) for number, cell in enumerate(cells)]

    rates = rates_of(proofs)

    assert rates.detected.hits + len(rates.missed) == len(proofs)
    assert 0 <= rates.detected.interval[0] <= rates.detected.interval[1] <= 1


def test_the_matrix_names_layers_rates_and_what_is_proven() -> None:
    record = detection(
        [make_proof("b", Cell.MISSED_ORACLE, family="relay"), make_proof("a")],
        rubric="1",
        scope="layers",
        depth="quick",
    )
    text = markdown(record)

    assert [row["id"] for row in record["defects"]] == ["a", "b"]
    assert record["requirements"] == {"auth.safe": {"defects": 2, "caught": 1}}
    assert record["families"]["relay"]["missed"] == ["b"]
    assert "1 of 2 defects caught" in text
    assert "missed-by-oracle" in text


def test_the_ratchet_names_what_was_caught_once_and_is_not_now() -> None:
    def record(*cells: Cell) -> object:
        proofs = [make_proof(f"d{number}", cell) for number, cell in enumerate(cells)]
        return detection(proofs, rubric="1", scope="layers", depth="quick")

    landed, now = record(Cell.CAUGHT, Cell.MISSED_ORACLE), record(Cell.MISSED_REPORTER, Cell.MISSED_ORACLE)

    assert regressions(landed, now) == ("d0",)  # type: ignore[arg-type] # a mapping, as detection returns it
    assert regressions({}, now) == ()  # type: ignore[arg-type]


def test_the_ratchet_of_a_subset_does_not_miss_what_was_not_run() -> None:
    landed = detection([make_proof("a"), make_proof("b")], rubric="1", scope="layers", depth="quick")
    subset = detection([make_proof("a")], rubric="1", scope="checks", depth="quick")

    assert regressions(landed, subset) == ()
