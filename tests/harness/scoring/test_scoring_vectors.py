"""Scores calculated by hand from the rules, compared exactly."""

from fractions import Fraction
from typing import Any

import pytest

from harness.core.area import Area, Level
from harness.core.maturity import AreaScore
from harness.core.outcome import Outcome
from harness.core.requirement import EvidenceKind, Weight
from harness.scoring.maturity import score

PASS, FAIL, OPEN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR
ABSENT = Outcome.NOT_APPLICABLE


def security(build: Any, table: Any, **fields: Any) -> AreaScore:
    maturity = score(*build.judged(table, **fields))
    return next(area for area in maturity.areas if area.area is Area.SECURITY)


def test_a_requirement_counts_the_mean_over_its_subjects(build: Any) -> None:
    # (7.5 * 3/4 + 5 * 1) / 12.5 = 0.85
    table = {
        build.requirement("a.high", Weight.HIGH): {"1": PASS, "2": PASS, "3": PASS, "4": FAIL},
        build.requirement("a.medium", Weight.MEDIUM): {"target": PASS},
    }

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (Fraction("8.5"), Fraction("8.5"), 1)


def test_must_and_advice_stand_ninety_five_to_five(build: Any) -> None:
    table = {
        build.requirement("a.must", Weight.LOW): {"target": PASS},
        build.requirement("a.advice", Weight.CRITICAL, must=False): {"target": PASS},
        build.requirement("a.other-advice", Weight.CRITICAL, must=False): {"target": PASS},
    }
    assert security(build, table).low == 10

    table[build.requirement("a.must-too", Weight.LOW)] = {"target": FAIL}
    # 9.5 * 1/2 + 0.5 * 1
    assert security(build, table).low == Fraction("5.25")


def test_the_whole_weight_goes_to_the_kind_that_exists(build: Any) -> None:
    must = {build.requirement("a.must"): {"target": PASS}}
    advice = {build.requirement("a.advice", must=False): {"1": PASS, "2": FAIL}}

    assert security(build, must).low == 10
    assert security(build, advice).low == 5


def test_an_open_critical_costs_the_lower_bound_only(build: Any) -> None:
    # raw L = 10 * 7.5 / 17.5 = 30/7, times 0.4; three of the critical's four subjects are measured
    table = {
        build.requirement("a.critical", Weight.CRITICAL): {"1": PASS, "2": PASS, "3": PASS, "4": OPEN},
        build.requirement("a.high", Weight.HIGH): {"target": PASS},
    }

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (Fraction(12, 7), 10, Fraction(6, 7))


def test_a_failed_critical_costs_both_bounds(build: Any) -> None:
    table = {
        build.requirement("a.critical", Weight.CRITICAL): {"1": PASS, "2": PASS, "3": PASS, "4": FAIL},
        build.requirement("a.high", Weight.HIGH): {"target": PASS},
    }

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (Fraction(12, 7), Fraction(12, 7), 1)


def test_documents_give_three_points_at_most(build: Any) -> None:
    # documents would give 9.5 * 7.5/12.5 + 0.5 = 6.2
    table = {
        build.requirement("a.text", Weight.HIGH, evidence=EvidenceKind.DOCUMENT): {"target": PASS},
        build.requirement("a.deed", Weight.MEDIUM): {"target": FAIL},
        build.requirement("a.hint", must=False, evidence=EvidenceKind.DOCUMENT): {"target": PASS},
    }

    area = security(build, table)

    assert (area.low, area.high) == (3, 3)


def test_the_document_cap_comes_before_the_critical_factor(build: Any) -> None:
    # documents 10 * 10/20 = 5 -> 3; the critical fails: 3 * 0.4
    table = {
        build.requirement("a.text", Weight.HIGH, evidence=EvidenceKind.DOCUMENT): {"target": PASS},
        build.requirement("a.text-too", Weight.LOW, evidence=EvidenceKind.DOCUMENT): {"target": PASS},
        build.requirement("a.critical", Weight.CRITICAL): {"target": FAIL},
    }

    assert security(build, table).low == Fraction("1.2")


def test_the_example_of_the_rules_comes_out(build: Any) -> None:
    # 62 pass, 19 fail, 19 open of 100: 6.2 [6.2-8.1], 81 % measured
    outcomes = [PASS] * 62 + [FAIL] * 19 + [OPEN] * 19
    table = {build.requirement("a.many"): {f"GET /{number}": item for number, item in enumerate(outcomes)}}

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (Fraction("6.2"), Fraction("8.1"), Fraction("0.81"))


def test_what_does_not_apply_leaves_the_sums(build: Any) -> None:
    table = {
        build.requirement("a.absent", Weight.CRITICAL): {"target": ABSENT},
        build.requirement("a.half", Weight.LOW): {"1": PASS, "2": ABSENT, "3": FAIL},
    }

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (5, 5, 1)


@pytest.mark.parametrize("outcome", [OPEN, ERROR, None])
def test_what_was_not_measured_stays_in_the_sums(build: Any, outcome: Any) -> None:
    table = {build.requirement("a.one"): {"1": PASS, "2": outcome}}

    area = security(build, table)

    assert (area.low, area.high, area.measured) == (5, 10, Fraction(1, 2))


def test_an_area_of_which_nothing_applies_is_unknown(build: Any) -> None:
    area = security(build, {build.requirement("a.one", area=Area.MONITORING): {"target": PASS}})

    assert (area.low, area.high, area.measured) == (0, 10, 0)
    assert area.level is Level.INITIAL


def test_a_requirement_that_binds_and_was_never_planned_counts_as_unmeasured(build: Any) -> None:
    run, _, findings = build.judged({build.requirement("a.one"): {"target": PASS}})

    maturity = score(run, [build.requirement("a.one"), build.requirement("a.forgotten")], findings)

    area = maturity.areas[-1]
    assert (area.low, area.high, area.measured) == (5, 10, Fraction(1, 2))


def all_areas(build: Any, outcome_of: Any) -> dict:
    return {
        build.requirement(f"{area.value.split('_')[0]}.one", area=area): outcome_of(area) for area in Area
    }


def test_the_overall_numbers_are_the_means_of_the_eight(build: Any) -> None:
    def outcome_of(area: Any) -> Any:
        return {"1": PASS, "2": OPEN} if area in {Area.SECURITY, Area.MONITORING} else {"1": PASS, "2": PASS}

    maturity = score(*build.judged(all_areas(build, outcome_of)))

    assert (maturity.low, maturity.high) == (Fraction("8.75"), 10)
    assert maturity.measured == Fraction(7, 8)


def test_the_overall_level_is_the_lowest_of_the_eight(build: Any) -> None:
    table = all_areas(build, lambda _: {"target": PASS})
    table[build.requirement("security.more", level=Level.MATURE)] = {"1": PASS, "2": FAIL}

    maturity = score(*build.judged(table))

    assert maturity.level is Level.DEVELOPING
    assert maturity.areas[-1].blocked_by == ("security.more",)


@pytest.mark.parametrize(("measured", "is_withheld"), [(59, True), (60, False)])
def test_below_sixty_percent_measured_nothing_is_said_of_the_whole(
    build: Any, measured: Any, is_withheld: Any
) -> None:
    def outcome_of(area: Any) -> Any:
        return {str(number): PASS if number < measured else OPEN for number in range(100)}

    maturity = score(*build.judged(all_areas(build, outcome_of)))

    assert (maturity.level is None, maturity.low is None, maturity.high is None) == (is_withheld,) * 3
    assert bool(maturity.withheld) is is_withheld


def test_a_partial_run_says_nothing_of_the_whole(build: Any) -> None:
    table = all_areas(build, lambda _: {"target": PASS})

    maturity = score(*build.judged(table, is_partial=True))

    assert (maturity.level, maturity.low) == (None, None)
    assert maturity.withheld == "the run was partial by choice"


@pytest.mark.parametrize(
    ("outcomes", "level", "blocked_by"),
    [
        ((PASS, PASS, PASS), Level.ADVANCED, ()),
        ((PASS, PASS, OPEN), Level.MATURE, ("a.advanced",)),
        ((PASS, FAIL, PASS), Level.DEVELOPING, ("a.mature",)),
        ((PASS, OPEN, FAIL), Level.DEVELOPING, ("a.mature",)),
        ((OPEN, PASS, PASS), Level.INITIAL, ("a.developing",)),
        ((ERROR, FAIL, PASS), Level.INITIAL, ("a.developing",)),
        ((ABSENT, PASS, PASS), Level.ADVANCED, ()),
        ((ABSENT, ABSENT, ABSENT), Level.INITIAL, ()),
    ],
)
def test_a_level_is_held_when_every_must_up_to_it_passes(
    build: Any, outcomes: Any, level: Any, blocked_by: Any
) -> None:
    developing, mature, advanced = outcomes
    table = {
        build.requirement("a.developing"): {"target": developing},
        build.requirement("a.mature", level=Level.MATURE): {"target": mature},
        build.requirement("a.advanced", level=Level.ADVANCED): {"target": advanced},
        build.requirement("a.advice", must=False): {"target": FAIL},
    }

    area = security(build, table)

    assert (area.level, area.blocked_by) == (level, blocked_by)


def test_a_claim_is_kept_beside_and_changes_nothing(build: Any) -> None:
    table = {build.requirement("a.one"): {"1": PASS, "2": FAIL}}

    claimed = security(build, table, claims={"security": {"score": 9.0, "level": "advanced"}})

    assert (claimed.low, claimed.claimed_score, claimed.claimed_level) == (5, 9.0, "advanced")


def test_confidence_is_the_weighted_detection_rate_and_unproven_checks_lower_it(build: Any) -> None:
    table = {
        build.requirement("a.one", Weight.CRITICAL): {"target": PASS},
        build.requirement("a.two", Weight.MEDIUM): {"target": PASS},
        build.requirement("a.blind", Weight.MEDIUM): {"target": PASS},
        build.requirement("a.absent", Weight.CRITICAL): {"target": Outcome.NOT_APPLICABLE},
    }
    detection = {
        "requirements": {
            "a.one": {"defects": 3, "caught": 2},
            "a.blind": {"defects": 2, "caught": 0},
            "b.else": {"defects": 9, "caught": 0},
        }
    }

    area = security(build, table, detection=detection)

    assert area.confidence == Fraction(10 * 2, 3 * 20)
    assert area.unproven == ("a.blind", "a.two")


def test_an_area_of_which_nothing_is_proven_has_no_confidence(build: Any) -> None:
    table = {build.requirement("a.one"): {"target": PASS}}

    area = security(build, table)

    assert (area.confidence, area.unproven) == (None, ("a.one",))
