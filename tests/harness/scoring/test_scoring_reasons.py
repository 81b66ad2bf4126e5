"""What the last line of a run says: each reason word for word, because a user acts on it."""

from typing import Any

import pytest

from harness.core.area import Area, Level
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.run import Gates, LayerRecord
from harness.scoring.maturity import score
from harness.scoring.verdict import decide

PASS, FAIL, OPEN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR
TRUSTED = LayerRecord(completion="completed", told_apart=True)


def told(build: Any, subjects: Any, **fields: Any) -> tuple[str, str]:
    """Return the code and the reason for one requirement with these subjects."""
    return told_of(build, {build.requirement(): subjects}, **fields)


def told_of(build: Any, table: Any, **fields: Any) -> tuple[str, str]:
    run, requirements, findings = build.judged(table, **fields)
    found = decide(run, requirements, findings, score(run, requirements, findings))
    return found.reason_code, found.reason


def everywhere(build: Any, **levels: Any) -> dict:
    """Return a table in which each area holds its highest level."""
    return {
        build.requirement(f"{area.value.split('_')[0]}.one", area=area): {"target": PASS} for area in Area
    }


def test_a_run_without_fault_says_that_every_measured_must_passed(build: Any) -> None:
    assert told(build, {"target": PASS}) == ("ok", "every measured MUST passed")


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        (1, "1 MUST subject failed: auth.safe s1"),
        (2, "2 MUST subjects failed: auth.safe s1, auth.safe s2"),
        (3, "3 MUST subjects failed: auth.safe s1, auth.safe s2, auth.safe s3"),
        (4, "4 MUST subjects failed: auth.safe s1, auth.safe s2, auth.safe s3 and 1 more"),
        (9, "9 MUST subjects failed: auth.safe s1, auth.safe s2, auth.safe s3 and 6 more"),
    ],
)
def test_failed_subjects_are_counted_and_the_first_three_named(build: Any, failed: int, reason: str) -> None:
    subjects = {f"s{number}": FAIL for number in range(1, failed + 1)}

    assert told(build, {**subjects, "t": PASS}) == ("must-failed", reason)


def test_an_unexpected_pass_is_named(build: Any) -> None:
    gates = Gates(expected_failures={"auth.safe target": "known (owner)"})

    assert told(build, {"target": PASS}, gates=gates) == (
        "unexpected-pass",
        "expected to fail, but passed: auth.safe target",
    )


def test_a_failure_and_an_unexpected_pass_are_both_told(build: Any) -> None:
    gates = Gates(expected_failures={"auth.safe 1": "known (owner)"})

    assert told(build, {"1": PASS, "2": FAIL}, gates=gates) == (
        "must-failed",
        "1 MUST subject failed: auth.safe 2; expected to fail, but passed: auth.safe 1",
    )


def test_silence_says_that_nothing_was_judged(build: Any) -> None:
    assert told(build, {"target": OPEN}) == (
        "nothing-measured",
        "not one subject was judged pass or fail",
    )


@pytest.mark.parametrize(
    ("record", "told_so"),
    [
        (
            LayerRecord(completion="crashed", detail="no output", told_apart=True),
            ("layer-crashed", "layer fuzz crashed: no output"),
        ),
        (
            LayerRecord(completion="crashed", told_apart=True),
            ("layer-crashed", "layer fuzz crashed: see its log"),
        ),
        (
            LayerRecord(completion="completed", told_apart=False, canary="passed both"),
            ("canary-failed", "layer fuzz could not tell good from bad: passed both"),
        ),
        (
            LayerRecord(completion="completed", told_apart=False),
            ("canary-failed", "layer fuzz could not tell good from bad: see its log"),
        ),
        (
            LayerRecord(completion="timed-out", detail="over 60 s", told_apart=True),
            ("layer-timed-out", "layer fuzz timed-out: over 60 s"),
        ),
        (
            LayerRecord(completion="nothing-ran", told_apart=True),
            ("layer-nothing-ran", "layer fuzz nothing-ran"),
        ),
    ],
)
def test_a_layer_that_did_not_do_its_work_is_named_with_its_detail(
    build: Any, record: LayerRecord, told_so: tuple[str, str]
) -> None:
    layers = {"scenarios": TRUSTED, "fuzz": record}

    assert told(build, {"target": PASS}, layers=layers) == told_so


def test_layers_are_told_in_the_order_of_their_names(build: Any) -> None:
    layers = {
        "scenarios": TRUSTED,
        "load": LayerRecord(completion="timed-out", told_apart=True),
        "chaos": LayerRecord(completion="interrupted", told_apart=True),
    }

    assert told(build, {"target": PASS}, layers=layers) == (
        "layer-interrupted",
        "layer chaos interrupted; layer load timed-out",
    )


def test_crashed_layers_are_told_in_the_order_of_their_names(build: Any) -> None:
    layers = {
        "scenarios": TRUSTED,
        "load": LayerRecord(completion="crashed", told_apart=True),
        "chaos": LayerRecord(completion="completed", told_apart=False),
    }

    assert told(build, {"target": PASS}, layers=layers) == (
        "canary-failed",
        "layer chaos could not tell good from bad: see its log; layer load crashed: see its log",
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"finished": ""}, "the run did not come to its end: it was cut short"),
        ({"interrupted": "Ctrl-C"}, "the run did not come to its end: Ctrl-C"),
    ],
)
def test_an_incomplete_run_says_why(build: Any, fields: Any, reason: str) -> None:
    assert told(build, {"target": PASS}, **fields) == ("run-incomplete", reason)


def test_what_the_harness_could_not_judge_is_counted_once_each(build: Any) -> None:
    run, requirements, findings = build.judged({build.requirement(): {"1": PASS, "2": ERROR}})
    twice = [*findings, build.finding(subject="2", outcome=ERROR, layer=Layer.JUDGES)]

    found = decide(run, requirements, twice, score(run, requirements, twice))

    assert found.reason == ("1 could not be judged through the harness's own fault: auth.safe 2 (seen-error)")


def test_errors_of_a_layer_that_broke_down_are_told_once_as_the_layer(build: Any) -> None:
    layers = {"scenarios": LayerRecord(completion="crashed", detail="out of memory", told_apart=True)}
    run, requirements, findings = build.judged({build.requirement(): {"1": PASS, "2": ERROR}}, layers=layers)

    found = decide(run, requirements, findings, score(run, requirements, findings))

    assert (found.exit_code, found.reason) == (3, "layer scenarios crashed: out of memory")


def test_an_area_below_its_gate_is_named_with_its_number(build: Any) -> None:
    assert told(build, {"1": PASS, "2": OPEN}, gates=Gates(fail_under={"security": 5.5})) == (
        "below-gate",
        "security is 5.0, the gate asks for 5.5",
    )


def test_gates_are_told_in_the_order_of_their_names(build: Any) -> None:
    gates = Gates(fail_under={"security": 6, "monitoring": 1})

    assert told(build, {"1": PASS, "2": OPEN}, gates=gates) == (
        "below-gate",
        "monitoring is 0.0, the gate asks for 1; security is 5.0, the gate asks for 6",
    )


def test_a_gate_on_a_withheld_number_says_why_it_is_withheld(build: Any) -> None:
    gates = Gates(fail_under={"overall": 0})

    assert told_of(build, everywhere(build), gates=gates, is_partial=True) == (
        "below-gate",
        "the overall number is withheld (the run was partial by choice)",
    )


def test_a_gate_on_nothing_names_what_does_not_exist(build: Any) -> None:
    assert told(build, {"target": PASS}, gates=Gates(fail_under={"beauty": 5})) == (
        "unknown-gate",
        "there is no area beauty to gate on",
    )


def test_a_level_below_its_gate_is_told_with_both(build: Any) -> None:
    table = everywhere(build)
    table[build.requirement("security.two", level=Level.MATURE)] = {"target": OPEN}

    assert told_of(build, table, gates=Gates(min_level="mature")) == (
        "level-below-gate",
        "level is developing, the gate asks for mature",
    )


def test_a_level_that_is_exactly_the_gate_passes(build: Any) -> None:
    table = everywhere(build)
    table[build.requirement("security.two", level=Level.MATURE)] = {"target": OPEN}

    assert told_of(build, table, gates=Gates(min_level="developing"))[0] == "ok"


def test_a_withheld_level_says_why_it_is_withheld(build: Any) -> None:
    table = {build.requirement(): {"target": PASS}}

    assert told_of(build, table, gates=Gates(min_level="initial")) == (
        "level-below-gate",
        "level is withheld (12 % measured, 60 % are needed), the gate asks for initial",
    )


def test_open_subjects_are_counted_and_named(build: Any) -> None:
    gates = Gates(fail_on_inconclusive=True)

    assert told(build, {"1": PASS, "2": OPEN, "3": OPEN}, gates=gates) == (
        "inconclusive",
        "2 MUST subjects inconclusive: auth.safe 2, auth.safe 3",
    )


def test_a_requirement_that_gives_no_points_has_no_say(build: Any) -> None:
    run, requirements, findings = build.judged(
        {build.requirement(): {"target": PASS}, build.requirement("auth.new"): {"target": FAIL}}
    )
    maturity = score(run, requirements, findings)

    assert decide(run, requirements[:1], findings, maturity).exit_code == 0
    assert decide(run, requirements, findings, maturity).exit_code == 1


def test_an_error_of_a_layer_that_never_came_to_its_end_is_no_fault_of_a_check(build: Any) -> None:
    layers = {"scenarios": TRUSTED}
    run, requirements, findings = build.judged({build.requirement(): {"1": PASS, "2": None}}, layers=layers)
    lost = [*findings, build.finding(subject="2", outcome=ERROR, layer=Layer.FUZZ)]

    found = decide(run, requirements, lost, score(run, requirements, lost))

    assert (found.exit_code, found.reason_code) == (0, "ok")
