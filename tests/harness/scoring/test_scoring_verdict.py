"""Every exit code, what outranks what, and every gate."""

from itertools import combinations
from typing import Any

import pytest

from harness.core.area import Area
from harness.core.gates import Baseline, Gates, Ratchet
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.run import LayerRecord
from harness.scoring.maturity import score
from harness.scoring.verdict import PRECEDENCE, Ending, Signal, conclude, decide

PASS, FAIL, OPEN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR
CODES = {
    Ending.PASS: (0, "pass"),
    Ending.FAIL: (1, "fail"),
    Ending.USAGE: (2, "usage"),
    Ending.HARNESS_FAULT: (3, "harness-fault"),
    Ending.TARGET_UNREACHABLE: (4, "target-unreachable"),
    Ending.NOTHING_MEASURED: (5, "nothing-measured"),
    Ending.REGRESSION: (6, "regression"),
    Ending.INCOMPLETE: (7, "incomplete"),
}


def signal(ending: Ending) -> Signal:
    return Signal(ending=ending, code=f"code-{ending.value}", reason=f"reason {ending.value}")


def verdict(build: Any, table: Any, **fields: Any) -> Any:
    run, requirements, findings = build.judged(table, **fields)
    return decide(run, requirements, findings, score(run, requirements, findings))


def everywhere(build: Any, outcome: Any) -> dict:
    return {
        build.requirement(f"{area.value.split('_')[0]}.one", area=area): {"target": outcome} for area in Area
    }


def test_the_precedence_is_two_three_four_five_one_six_seven() -> None:
    assert [ending.value for ending in PRECEDENCE] == [2, 3, 4, 5, 1, 6, 7]


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_its_code_and_word(ending: Ending) -> None:
    found = conclude([] if ending is Ending.PASS else [signal(ending)])

    assert (found.exit_code, found.verdict) == CODES[ending]


@pytest.mark.parametrize(
    "endings",
    [chosen for size in range(2, 8) for chosen in combinations(PRECEDENCE, size)],
    ids=lambda chosen: "+".join(str(ending.value) for ending in chosen),
)
def test_of_several_endings_the_strongest_is_the_code(endings: tuple[Ending, ...]) -> None:
    found = conclude([signal(ending) for ending in reversed(endings)])

    assert found.exit_code == endings[0].value
    assert found.reason == f"reason {endings[0].value}"


def test_every_reason_of_the_strongest_ending_is_named() -> None:
    found = conclude(
        [
            Signal(ending=Ending.FAIL, code="must-failed", reason="one"),
            Signal(ending=Ending.FAIL, code="below-gate", reason="two"),
        ]
    )

    assert (found.reason_code, found.reason) == ("must-failed", "one; two")


def test_all_passed_is_zero(build: Any) -> None:
    assert verdict(build, {build.requirement(): {"target": PASS}}).exit_code == 0


def test_a_failed_must_is_one_and_named(build: Any) -> None:
    found = verdict(build, {build.requirement(): {"1": PASS, "2": FAIL}})

    assert (found.exit_code, found.reason_code) == (1, "must-failed")
    assert "auth.safe 2" in found.reason


def test_failed_advice_is_zero(build: Any) -> None:
    assert verdict(build, {build.requirement(must=False): {"target": FAIL}}).exit_code == 0


def test_an_expected_failure_is_zero(build: Any) -> None:
    gates = Gates(expected_failures={"auth.safe 2": "known (owner)"})

    assert verdict(build, {build.requirement(): {"1": PASS, "2": FAIL}}, gates=gates).exit_code == 0


def test_an_expected_failure_excuses_its_own_subject_only(build: Any) -> None:
    gates = Gates(expected_failures={"auth.safe 1": "known (owner)"})

    found = verdict(build, {build.requirement(): {"1": FAIL, "2": FAIL}}, gates=gates)

    assert found.exit_code == 1
    assert "auth.safe 2" in found.reason
    assert "auth.safe 1" not in found.reason


def test_an_unexpected_pass_is_one(build: Any) -> None:
    gates = Gates(expected_failures={"auth.safe target": "known (owner)"})

    found = verdict(build, {build.requirement(): {"target": PASS}}, gates=gates)

    assert (found.exit_code, found.reason_code) == (1, "unexpected-pass")


@pytest.mark.parametrize("outcome", [OPEN, None])
def test_nothing_judged_is_five(build: Any, outcome: Any) -> None:
    assert verdict(build, {build.requirement(): {"target": outcome}}).exit_code == 5


@pytest.mark.parametrize(("is_partial", "code"), [(False, 5), (True, 0)])
def test_a_target_of_which_only_the_form_of_its_answers_was_judged_is_five(
    build: Any, is_partial: bool, code: int
) -> None:
    """It may be a wrong address that answers 404 to everything; whoever chose the judges wanted just that."""
    requirement = build.requirement()
    findings = [build.finding(layer=Layer.JUDGES)]
    run = build.run([("auth.safe", "target")], is_partial=is_partial)

    found = decide(run, [requirement], findings, score(run, [requirement], findings))

    assert found.exit_code == code


def test_a_run_without_a_plan_is_five(build: Any) -> None:
    assert verdict(build, {}).exit_code == 5


def test_a_crashed_layer_is_three_even_when_a_must_failed(build: Any) -> None:
    layers = {"scenarios": LayerRecord(completion="completed", told_apart=True)}
    layers["fuzz"] = LayerRecord(completion="crashed", detail="no usable output", told_apart=True)

    found = verdict(build, {build.requirement(): {"target": FAIL}}, layers=layers)

    assert (found.exit_code, found.reason_code) == (3, "layer-crashed")
    assert "no usable output" in found.reason


def test_a_layer_that_cannot_tell_good_from_bad_is_three(build: Any) -> None:
    layers = {"scenarios": LayerRecord(completion="completed", told_apart=False, canary="passed both")}

    found = verdict(build, {build.requirement(): {"target": PASS}}, layers=layers)

    assert (found.exit_code, found.reason_code) == (3, "canary-failed")


def test_a_check_that_failed_through_its_own_fault_is_three(build: Any) -> None:
    found = verdict(build, {build.requirement(): {"1": PASS, "2": ERROR}})

    assert (found.exit_code, found.reason_code) == (3, "check-errors")


@pytest.mark.parametrize("completion", ["timed-out", "interrupted", "nothing-ran"])
def test_a_layer_that_did_not_come_to_its_end_is_seven_and_no_fault_of_the_harness(
    build: Any, completion: Any
) -> None:
    layers = {
        "scenarios": LayerRecord(completion="completed", told_apart=True),
        "fuzz": LayerRecord(completion=completion, told_apart=True),
    }
    run, requirements, findings = build.judged({build.requirement(): {"1": PASS, "2": None}}, layers=layers)
    cut_short = build.finding("auth.safe", "2", PASS, layer=Layer.FUZZ)

    found = decide(run, requirements, findings, score(run, requirements, [*findings, cut_short]))

    assert (found.exit_code, found.reason_code) == (7, f"layer-{completion}")


def test_a_skipped_layer_is_not_incomplete(build: Any) -> None:
    layers = {
        "scenarios": LayerRecord(completion="completed", told_apart=True),
        "load": LayerRecord(completion="skipped"),
    }

    assert verdict(build, {build.requirement(): {"target": PASS}}, layers=layers).exit_code == 0


@pytest.mark.parametrize("fields", [{"finished": ""}, {"interrupted": "interrupted by the user"}])
def test_a_run_cut_short_is_seven(build: Any, fields: Any) -> None:
    found = verdict(build, {build.requirement(): {"target": PASS}}, **fields)

    assert (found.exit_code, found.reason_code) == (7, "run-incomplete")


def test_a_failed_must_outranks_an_incomplete_run(build: Any) -> None:
    assert verdict(build, {build.requirement(): {"target": FAIL}}, finished="").exit_code == 1


@pytest.mark.parametrize(("limit", "code"), [(5.0, 0), (5.1, 1), (4.9, 0)])
def test_fail_under_gates_on_the_lower_bound_of_an_area(build: Any, limit: Any, code: Any) -> None:
    table = {build.requirement(): {"1": PASS, "2": OPEN}}

    found = verdict(build, table, gates=Gates(fail_under={"security": limit}))

    assert found.exit_code == code


def test_fail_under_without_an_area_gates_on_the_overall_number(build: Any) -> None:
    table = everywhere(build, PASS)

    assert verdict(build, table, gates=Gates(fail_under={"overall": 10})).exit_code == 0
    table[build.requirement("security.two")] = {"target": OPEN}
    found = verdict(build, table, gates=Gates(fail_under={"overall": 10}))
    assert (found.exit_code, found.reason_code) == (1, "below-gate")
    assert found.reason == "overall is 9.3, the gate asks for 10"


def test_a_number_that_is_withheld_does_not_pass_its_gate(build: Any) -> None:
    gates = Gates(fail_under={"overall": 0})

    assert verdict(build, everywhere(build, PASS), gates=gates, is_partial=True).exit_code == 1


def test_a_gate_on_an_area_that_does_not_exist_is_two(build: Any) -> None:
    found = verdict(build, {build.requirement(): {"target": FAIL}}, gates=Gates(fail_under={"beauty": 5}))

    assert (found.exit_code, found.reason_code) == (2, "unknown-gate")


@pytest.mark.parametrize(("level", "code"), [("advanced", 0), ("initial", 0)])
def test_min_level_that_is_held_is_zero(build: Any, level: Any, code: Any) -> None:
    assert verdict(build, everywhere(build, PASS), gates=Gates(min_level=level)).exit_code == code


def test_min_level_that_is_not_held_is_one(build: Any) -> None:
    table = everywhere(build, PASS)
    table[build.requirement("security.two")] = {"target": OPEN}

    found = verdict(build, table, gates=Gates(min_level="developing"))

    assert (found.exit_code, found.reason_code) == (1, "level-below-gate")


def test_min_level_is_not_held_where_the_level_is_withheld(build: Any) -> None:
    gates = Gates(min_level="initial")

    assert verdict(build, everywhere(build, PASS), gates=gates, is_partial=True).exit_code == 1


def test_an_open_must_fails_only_when_asked(build: Any) -> None:
    table = {build.requirement(): {"1": PASS, "2": OPEN}}

    assert verdict(build, table).exit_code == 0
    found = verdict(build, table, gates=Gates(fail_on_inconclusive=True))
    assert (found.exit_code, found.reason_code) == (1, "inconclusive")


def test_open_advice_does_not_fail_when_asked(build: Any) -> None:
    table = {build.requirement(): {"1": PASS}, build.requirement("a.hint", must=False): {"1": OPEN}}

    assert verdict(build, table, gates=Gates(fail_on_inconclusive=True)).exit_code == 0


@pytest.mark.parametrize(
    ("profile", "skip", "code"),
    [
        ("core", SkipReason.EXEMPT, 0),
        ("core", SkipReason.LAYER_NOT_SELECTED, 0),
        ("core", SkipReason.REQUIREMENT_NOT_SELECTED, 0),
        ("core", SkipReason.NO_CONSENT_WRITES, 1),
        ("core", SkipReason.NO_CONSENT_FAULTS, 1),
        ("portable", SkipReason.NO_CONSENT_WRITES, 0),
        ("portable", SkipReason.NO_CONSENT_FAULTS, 0),
        ("portable", SkipReason.NO_CONSENT_LOAD, 0),
        ("portable", SkipReason.NO_IDENTITY, 1),
    ],
)
def test_what_was_left_out_on_purpose_does_not_count_as_open(
    build: Any, profile: Any, skip: Any, code: Any
) -> None:
    run = build.run(
        [("auth.safe", "1"), PlannedSubject(requirement="auth.safe", subject="2", skip=skip)],
        gates=Gates(fail_on_inconclusive=True),
        profile=profile,
    )
    requirements, findings = [build.requirement()], [build.finding(subject="1")]

    found = decide(run, requirements, findings, score(run, requirements, findings))

    assert found.exit_code == code


BEFORE = Baseline(run="before", target="shop", rubric_hash="x", passed=(("auth.safe", "1"), ("a.hint", "1")))


def test_what_passed_in_the_baseline_and_fails_now_is_six(build: Any) -> None:
    table = {build.requirement(): {"1": PASS}, build.requirement("a.hint", must=False): {"1": FAIL}}

    found = verdict(build, table, gates=Gates(baseline=BEFORE))

    assert (found.exit_code, found.reason_code) == (6, "regressed")
    assert found.reason == "1 regressed subject passed in run before: a.hint 1"


def test_a_must_that_regressed_is_one_because_a_failure_outranks_a_regression(build: Any) -> None:
    assert verdict(build, {build.requirement(): {"1": FAIL}}, gates=Gates(baseline=BEFORE)).exit_code == 1


def test_an_excused_regression_is_zero(build: Any) -> None:
    gates = Gates(baseline=BEFORE, expected_failures={"auth.safe 1": "known (team)"})

    assert verdict(build, {build.requirement(): {"1": FAIL, "2": PASS}}, gates=gates).exit_code == 0


@pytest.mark.parametrize("table", [{"2": FAIL, "1": PASS}, {"1": OPEN, "2": PASS}, {"2": PASS}])
def test_only_a_fail_of_what_passed_is_a_regression(build: Any, table: Any) -> None:
    need = build.requirement("auth.safe", must=False)

    assert verdict(build, {need: table}, gates=Gates(baseline=BEFORE)).exit_code == 0


@pytest.mark.parametrize(("floor", "code"), [(9.9, 0), (10.0, 0), (5.1, 0)])
def test_a_floor_that_is_held_is_zero(build: Any, floor: float, code: int) -> None:
    gates = Gates(ratchet=Ratchet(target="shop", rubric_hash="x", floors={"security": floor}))

    assert verdict(build, {build.requirement(): {"1": PASS}}, gates=gates).exit_code == code


def test_an_area_below_its_landed_floor_is_one_and_says_both_numbers(build: Any) -> None:
    gates = Gates(ratchet=Ratchet(target="shop", rubric_hash="x", floors={"security": 5.1}))
    need = build.requirement(must=False)

    found = verdict(build, {need: {"1": PASS, "2": OPEN}}, gates=gates)

    assert (found.exit_code, found.reason_code) == (1, "below-ratchet")
    assert found.reason == "security is 5.0, 5.1 is landed"


def test_an_expectation_that_ended_excuses_nothing_and_is_named(build: Any) -> None:
    gates = Gates(expired={"auth.safe 1": "known (team), until 2026-01-01"})

    found = verdict(build, {build.requirement(): {"1": FAIL}}, gates=gates)

    assert found.exit_code == 1
    assert "no longer excused: known (team), until 2026-01-01" in found.reason
    assert verdict(build, {build.requirement(): {"1": PASS}}, gates=gates).exit_code == 0
