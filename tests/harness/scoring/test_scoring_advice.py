"""Advice that fails ends a run well, unless a gate names the severity from which on it does not."""

from typing import Any

import pytest

from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Weight
from harness.core.run import Gates
from harness.scoring.maturity import score
from harness.scoring.verdict import decide

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def told(build: Any, table: Any, **gates: Any) -> tuple[str, str]:
    """Return the code and the reason of a run with these advices beside a MUST that passed."""
    whole = {build.requirement("a.must"): {"t": PASS}, **table}
    run, requirements, findings = build.judged(whole, gates=Gates(**gates))
    found = decide(run, requirements, findings, score(run, requirements, findings))
    return found.reason_code, found.reason


FINE = ("ok", "every measured MUST passed")


@pytest.mark.parametrize(
    ("weight", "severities"),
    [
        (Weight.CRITICAL, ["high", "medium", "low"]),
        (Weight.HIGH, ["medium", "low"]),
        (Weight.MEDIUM, ["low"]),
        (Weight.LOW, ["low"]),
    ],
)
@pytest.mark.parametrize("least", ["critical", "high", "medium", "low"])
def test_advice_is_one_step_less_severe_than_its_weight(
    build: Any, weight: Weight, severities: list[str], least: str
) -> None:
    table = {build.requirement("a.hint", weight, must=False): {"t": FAIL}}

    found = told(build, table, fail_on_severity=least)

    failed = ("advice-failed", f"1 advice subject of severity {least} failed: a.hint t")
    assert found == (failed if least in severities else FINE)


def test_without_the_gate_advice_may_fail(build: Any) -> None:
    assert told(build, {build.requirement("a.hint", must=False): {"t": FAIL}}) == FINE


@pytest.mark.parametrize("outcome", [PASS, OPEN, None])
def test_advice_that_did_not_fail_is_none_of_the_gate(build: Any, outcome: Any) -> None:
    table = {build.requirement("a.hint", must=False): {"t": outcome}}

    assert told(build, table, fail_on_severity="low") == FINE


def test_a_must_that_failed_is_not_called_advice(build: Any) -> None:
    table = {build.requirement("a.rule"): {"t": FAIL}}

    assert told(build, table, fail_on_severity="low") == ("must-failed", "1 MUST subject failed: a.rule t")


def test_advice_that_is_excused_does_not_fail_a_run(build: Any) -> None:
    table = {build.requirement("a.hint", must=False): {"t": FAIL, "u": FAIL}}
    excused = {"a.hint t": "known (team)"}

    assert told(build, table, fail_on_severity="low", expected_failures=excused) == (
        "advice-failed",
        "1 advice subject of severity low failed: a.hint u",
    )


def test_advice_is_counted_and_an_excuse_that_ended_is_told(build: Any) -> None:
    table = {build.requirement("a.hint", must=False): dict.fromkeys("tuvw", FAIL)}
    expired = {"a.hint u": "known (team), until 2026-01-01"}

    said = (
        "4 advice subjects of severity low failed: a.hint t, "
        "a.hint u (no longer excused: known (team), until 2026-01-01), a.hint v and 1 more"
    )
    assert told(build, table, fail_on_severity="low", expired=expired) == ("advice-failed", said)


def test_a_run_that_judged_only_the_form_of_answers_says_what_is_missing(build: Any) -> None:
    requirement = build.requirement()
    run = build.run([("auth.safe", "target")])
    findings = [build.finding(layer=Layer.JUDGES)]

    found = decide(run, [requirement], findings, score(run, [requirement], findings))

    assert (found.reason_code, found.reason) == (
        "nothing-measured",
        "no check that asks the target something of its own could be judged pass or fail",
    )
