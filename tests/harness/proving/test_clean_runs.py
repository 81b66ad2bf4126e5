"""What fails in some clean runs is an alarm, what fails in all of them is a finding; doses add up."""

import itertools
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.proving.defects import Defect
from harness.proving.dose import DOSES, Draw, draws, is_falling, overall_low, respond
from harness.proving.false_alarms import clean_runs
from harness.reporting.dose_plot import dose_file, dose_plot
from tests.harness.proving.test_attribution import CLEAN, OTHER, RIGHT, scored

DEFECTS = [Defect(id=f"d{n}", family="jwt", title="Wrong.", breaks=(RIGHT,)) for n in range(10)]
BROKEN = scored({RIGHT: Outcome.FAIL, OTHER: Outcome.PASS})


def test_what_fails_in_one_run_of_three_is_a_false_fail_with_its_denominators() -> None:
    record = clean_runs([1, 2, 3], lambda seed: BROKEN if seed == 2 else CLEAN)

    assert (record["false_fails"], record["subjects_judged"]) == (1, 6)
    assert (record["runs_with_a_false_fail"], record["runs"]) == (1, 3)
    assert record["requirements"] == {RIGHT: {"judged": 3, "false_fails": 1, "seeds": [2]}}
    assert record["standing"] == []


def test_what_fails_in_every_run_is_a_standing_finding() -> None:
    record = clean_runs([1, 2, 3], lambda _seed: BROKEN)

    assert (record["false_fails"], record["standing"]) == (0, [[RIGHT, "target"]])


def test_one_run_alone_cannot_tell_a_finding_from_an_alarm_and_counts_it() -> None:
    assert clean_runs([1], lambda _seed: BROKEN)["false_fails"] == 1


def test_what_was_not_judged_is_in_no_denominator() -> None:
    silent = scored({RIGHT: Outcome.INCONCLUSIVE, OTHER: Outcome.PASS})

    assert clean_runs([1, 2], lambda _seed: silent)["subjects_judged"] == 2


@given(st.integers(), st.integers(min_value=1, max_value=5))
def test_a_larger_dose_of_a_draw_holds_the_smaller_ones(seed: int, times: int) -> None:
    found = draws(DEFECTS, seed=seed, times=times)

    assert len(found) == times * (len(DOSES) - 1)
    assert found == draws(DEFECTS, seed=seed, times=times)
    for smaller, larger in itertools.pairwise(found):
        if smaller.number == larger.number:
            assert set(smaller.defects) < set(larger.defects)
            assert len(larger.defects) == larger.dose


def test_fewer_defects_than_a_dose_leave_it_out() -> None:
    assert {draw.dose for draw in draws(DEFECTS[:3], seed=1, times=1)} == {1, 2}


def test_the_response_is_the_mean_over_the_draws() -> None:
    def measure(draw: Draw) -> ScoredRun:
        return BROKEN if draw.dose > 1 or draw.number else CLEAN

    record = respond(draws(DEFECTS, seed=1, times=2), CLEAN, measure)

    clean, broken = float(overall_low(CLEAN)), float(overall_low(BROKEN))
    assert record["means"]["0"] == pytest.approx(clean, abs=0.001)
    assert record["means"]["1"] == pytest.approx((clean + broken) / 2, abs=0.001)
    assert record["means"]["2"] == pytest.approx(broken, abs=0.001)
    assert not record["is_monotone"]


@pytest.mark.parametrize(
    ("means", "falls"), [([10, 9, 8.5], True), ([10, 9, 9], False), ([10, 11], False), ([10], True)]
)
def test_only_a_curve_that_falls_at_every_step_is_monotone(means: list[float], falls: bool) -> None:
    assert is_falling(means) is falls


def test_the_overall_number_of_the_curve_is_the_mean_of_the_areas() -> None:
    lows = [area.low for area in CLEAN.maturity.areas]

    assert overall_low(CLEAN) == Fraction(sum(lows), len(lows))


def test_the_plot_is_one_picture_with_a_title_and_a_point_per_dose() -> None:
    record = respond(draws(DEFECTS, seed=1, times=2), CLEAN, lambda _draw: BROKEN)

    svg = ET.fromstring(dose_file(record))

    space = "{http://www.w3.org/2000/svg}"
    assert svg.find(f"{space}title") is not None
    assert svg.find(f"{space}style") is not None
    assert len(svg.findall(f"{space}circle[@class='point']")) == len(DOSES)
    assert len(svg.findall(f"{space}circle[@class='one']")) == 8


def test_in_the_page_the_plot_brings_no_style_of_its_own() -> None:
    """The page's policy knows its own style by its hash and lets no other in."""
    record = respond(draws(DEFECTS, seed=1, times=1), CLEAN, lambda _draw: BROKEN)

    assert "style" not in dose_plot(record)
