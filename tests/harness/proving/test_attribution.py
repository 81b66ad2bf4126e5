"""A miss is blamed on the right part; only what the clean run did not fail counts as caught."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.core.area import Area
from harness.core.finding import Finding
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.run import LayerRecord
from harness.proving.attribution import Cell, attribute, false_alarms
from harness.proving.blend import area_low, blend
from harness.proving.defects import Defect
from harness.scoring.assemble import assemble
from tests.harness.scoring.conftest import HEALTHY, Build

RIGHT, OTHER = "auth.safe", "auth.other"
DEFECT = Defect(id="open-door", family="jwt", title="A door is open.", breaks=(RIGHT,))
ROWS = (Build.requirement(RIGHT), Build.requirement(OTHER))
CELLS = ((RIGHT, "target"), (OTHER, "target"))


def scored(
    outcomes: Mapping[str, Outcome],
    *,
    layers: Mapping[str, LayerRecord] = HEALTHY,
    extra: Sequence[Finding] = (),
) -> ScoredRun:
    found = [Build.finding(name, "target", outcome) for name, outcome in outcomes.items()]
    run = Build.run(CELLS, layers=layers)
    return assemble(run, ROWS, engine_findings=[*found, *extra], judge_findings=[], exchanges={})


def switched(
    *, applied: bool = True, reached: int = 0, triggered: int = 0, **fields: Any
) -> Mapping[str, LayerRecord]:
    counters = {"open-door": {"applied": applied, "reached": reached, "triggered": triggered}}
    return {"scenarios": replace(HEALTHY["scenarios"], switches=counters, **fields)}


CLEAN = scored({RIGHT: Outcome.PASS, OTHER: Outcome.PASS})


def test_the_right_requirement_failing_is_caught_and_names_the_layer() -> None:
    seen = attribute(
        DEFECT, CLEAN, scored({RIGHT: Outcome.FAIL, OTHER: Outcome.PASS}, layers=switched(triggered=1))
    )

    assert (seen.cell, seen.layers, seen.failed) == (Cell.CAUGHT, ("scenarios",), (RIGHT,))


def test_another_requirement_failing_is_no_catch_and_is_shown_apart() -> None:
    seen = attribute(
        DEFECT,
        CLEAN,
        scored({RIGHT: Outcome.PASS, OTHER: Outcome.FAIL}, layers=switched(reached=3, triggered=2)),
    )

    assert (seen.cell, seen.also_failed) == (Cell.MISSED_ORACLE, (OTHER,))


def test_what_the_clean_run_failed_already_is_no_catch() -> None:
    before = scored({RIGHT: Outcome.FAIL, OTHER: Outcome.PASS})

    seen = attribute(
        DEFECT, before, scored({RIGHT: Outcome.FAIL, OTHER: Outcome.PASS}, layers=switched(triggered=1))
    )

    assert seen.cell is not Cell.CAUGHT


@pytest.mark.parametrize(
    ("layers", "cell"),
    [
        (switched(applied=False), Cell.ERROR),
        (switched(reached=0, triggered=0), Cell.MISSED_GENERATOR),
        (switched(reached=9, triggered=0), Cell.MISSED_GENERATOR),
        (switched(reached=9, triggered=1), Cell.MISSED_ORACLE),
        (switched(reached=9, triggered=1, completion="crashed"), Cell.CRASHED),
        ({}, Cell.ERROR),
    ],
)
def test_a_miss_names_the_part_that_missed(layers: Mapping[str, LayerRecord], cell: Cell) -> None:
    seen = attribute(DEFECT, CLEAN, scored({RIGHT: Outcome.PASS, OTHER: Outcome.PASS}, layers=layers))

    assert seen.cell is cell


def test_a_finding_that_the_report_lost_is_the_reporters_miss() -> None:
    lost = Build.finding(RIGHT, "a subject nobody planned", Outcome.FAIL)

    seen = attribute(
        DEFECT,
        CLEAN,
        scored({RIGHT: Outcome.PASS, OTHER: Outcome.PASS}, layers=switched(triggered=1), extra=[lost]),
    )

    assert seen.cell is Cell.MISSED_REPORTER


def test_whatever_a_clean_twin_fails_anew_is_a_false_alarm() -> None:
    assert false_alarms(CLEAN, scored({RIGHT: Outcome.FAIL})) == (RIGHT,)
    assert false_alarms(CLEAN, scored({OTHER: Outcome.FAIL})) == (OTHER,)
    assert false_alarms(scored({OTHER: Outcome.FAIL}), scored({OTHER: Outcome.FAIL})) == ()


def test_a_defect_lowers_its_area_by_what_newly_fails() -> None:
    failed = Build.finding(RIGHT, "target", Outcome.FAIL)

    assert area_low(CLEAN, Area.SECURITY) == 10
    assert area_low(blend(CLEAN, [failed]), Area.SECURITY) == 5


def test_without_new_failures_the_area_stays_as_it_was() -> None:
    assert area_low(blend(CLEAN, []), Area.SECURITY) == 10
