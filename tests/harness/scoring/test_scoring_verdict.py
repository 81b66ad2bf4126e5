"""Every exit code, what outranks what, and every gate."""

from itertools import combinations
from typing import Any

import pytest

from harness.core.area import Area
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.run import Gates, LayerRecord
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
    ("skip", "code"),
    [
        (SkipReason.EXEMPT, 0),
        (SkipReason.LAYER_NOT_SELECTED, 0),
        (SkipReason.REQUIREMENT_NOT_SELECTED, 0),
        (SkipReason.NO_CONSENT_WRITES, 1),
    ],
)
def test_what_the_user_left_out_does_not_count_as_open(build: Any, skip: Any, code: Any) -> None:
    run = build.run(
        [("auth.safe", "1"), PlannedSubject(requirement="auth.safe", subject="2", skip=skip)],
        gates=Gates(fail_on_inconclusive=True),
    )
    requirements, findings = [build.requirement()], [build.finding(subject="1")]

    found = decide(run, requirements, findings, score(run, requirements, findings))

    assert found.exit_code == code
