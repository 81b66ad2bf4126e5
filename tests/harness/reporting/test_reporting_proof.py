"""The page says of the harness itself what was caught, missed and falsely alarmed."""

from dataclasses import replace
from typing import Any

from harness.core.maturity import ScoredRun
from harness.proving.attribution import Cell
from harness.proving.dose import draws, respond
from harness.proving.publish import detection
from harness.reporting.html_proof import proof
from tests.harness.proving.conftest import make_proof
from tests.harness.proving.test_clean_runs import BROKEN, CLEAN, DEFECTS

DETECTION = {
    **detection(
        [make_proof("open-door"), make_proof("shut<door>", Cell.MISSED_ORACLE, twin_alarms=("auth.safe",))],
        rubric="1",
        scope="layers",
        depth="quick",
    )
}


def with_detection(scored: ScoredRun, record: dict[str, Any]) -> ScoredRun:
    return replace(scored, run=replace(scored.run, detection=record))


def test_without_detection_data_everything_is_called_unproven(sample: ScoredRun) -> None:
    assert "unproven" in proof(with_detection(sample, {}))


def test_the_caught_the_missed_and_the_false_alarms_are_named(sample: ScoredRun) -> None:
    page = proof(with_detection(sample, DETECTION))

    assert "2 defects seeded" in page
    assert "<b>1 were caught</b>" in page
    assert "1 twins raised a false alarm" in page
    assert "Missed: <code>shut&lt;door&gt;</code>" in page
    assert page.count('<tr class="missed">') == 1
    assert "missed-by-oracle" in page


def test_a_layer_that_saw_a_defect_is_marked_in_words_too(sample: ScoredRun) -> None:
    page = proof(with_detection(sample, DETECTION))

    assert page.count('<span class="hidden">seen</span>') == 1


def test_checks_that_no_defect_tried_are_listed(sample: ScoredRun) -> None:
    page = proof(with_detection(sample, DETECTION))

    unproven = [name for area in sample.maturity.areas for name in area.unproven]
    assert unproven
    assert all(f"<code>{name}</code>" in page for name in unproven)


def test_clean_runs_and_the_curve_are_shown_where_they_were_published(sample: ScoredRun) -> None:
    curve = respond(draws(DEFECTS, seed=1, times=1), CLEAN, lambda _draw: BROKEN)
    runs = {"runs": 30, "subjects_judged": 900, "false_fails": 0}

    page = proof(with_detection(sample, {**DETECTION, "dose_response": curve, "clean_runs": runs}))

    assert "30 clean runs" in page
    assert "0 of them failed" in page
    assert "<svg" in page
    assert "<svg" not in proof(with_detection(sample, DETECTION))
