"""The journal is read by our own rules: each way to be falsely green is something else here."""

import copy
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import UsageProblem
from harness.core.layer import Depth
from harness.core.outcome import Outcome
from harness.layers.chaos.experiment import Experiment, Judged, load_experiment, load_experiments
from harness.layers.chaos.journal import judge, read_journal

STEADY = Judged(requirement="r.steady", subject="target", by=("still-answers",))
SHOWN = Judged(requirement="r.shown", subject="target", by=("says-down",), only_with_fault=True)
EXPERIMENT = Experiment(
    path=Path("x.yaml"),
    title="It holds",
    depth=Depth.QUICK,
    judges=(STEADY, SHOWN),
    proof_link="redis",
    at_least=1,
    activities=2,
    rollbacks=1,
)


def activity(name: str, output: str, status: str = "succeeded") -> dict[str, Any]:
    return {"activity": {"name": name}, "output": output, "status": status, "exception": ["why\n"]}


def journal(*, fault: bool) -> dict[str, Any]:
    return {
        "status": "completed",
        "deviated": False,
        "steady_states": {
            "before": {"steady_state_met": True, "probes": [activity("still-answers", "ok: 200")]},
            "after": {"steady_state_met": True, "probes": [activity("still-answers", "ok: 200")]},
        },
        "run": [activity("arm", "armed"), activity("says-down", "ok: down" if fault else "not: up")],
        "rollbacks": [activity("heal", "healed")],
        "x-harness": {"links": {"redis": {"fired": 3 if fault else 0}}, "fired": 0},
    }


def judged(
    judged_by: Judged, *, control: dict[str, Any] | None = None, fault: dict[str, Any] | None = None
) -> tuple[Outcome, str]:
    verdict = judge(
        judged_by,
        EXPERIMENT,
        read_journal(journal(fault=False) if control is None else control, EXPERIMENT),
        read_journal(journal(fault=True) if fault is None else fault, EXPERIMENT),
    )
    return verdict.outcome, verdict.reason


def changed(record: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with one member at a dotted path replaced."""
    copied = copy.deepcopy(record)
    here: Any = copied
    *parents, last = path.split(".")
    for step in parents:
        here = here[int(step) if isinstance(here, list) else step]
    here[int(last) if isinstance(here, list) else last] = value
    return copied


@pytest.mark.parametrize("by", [STEADY, SHOWN], ids=["steady", "shown"])
def test_a_fault_that_fired_and_was_survived_is_a_pass(by: Judged) -> None:
    assert judged(by) == (Outcome.PASS, "holds-under-fault")


def test_a_probe_that_deviates_under_the_fault_fails_the_target() -> None:
    fault = changed(journal(fault=True), "steady_states.after.probes.0.output", "not: 500")

    assert judged(STEADY, fault=fault) == (Outcome.FAIL, "deviates-under-fault")


def test_a_probe_of_the_method_is_judged_although_the_tool_ignores_its_tolerance() -> None:
    fault = changed(journal(fault=True), "run.1.output", "not: still says up")

    assert judged(SHOWN, fault=fault) == (Outcome.FAIL, "deviates-under-fault")


def test_what_is_said_with_and_without_the_fault_proves_nothing_and_fails() -> None:
    control = changed(journal(fault=False), "run.1.output", "ok: down")

    assert judged(SHOWN, control=control) == (Outcome.FAIL, "same-without-fault")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("steady_states.before.steady_state_met", False, (Outcome.INCONCLUSIVE, "not-steady")),
        ("run", [], (Outcome.ERROR, "activity-failed")),
        ("run.0.status", "failed", (Outcome.ERROR, "activity-failed")),
        ("rollbacks", [], (Outcome.ERROR, "rollback-failed")),
        ("rollbacks.0.status", "failed", (Outcome.ERROR, "rollback-failed")),
        ("x-harness.links.redis.fired", 0, (Outcome.INCONCLUSIVE, "fault-did-not-fire")),
        ("x-harness", {}, (Outcome.INCONCLUSIVE, "fault-did-not-fire")),
        ("steady_states.after", None, (Outcome.FAIL, "deviates-under-fault")),
    ],
)
def test_a_falsely_green_journal_is_not_a_pass(
    path: str, value: object, expected: tuple[Outcome, str]
) -> None:
    """All of these end with exit code 0, status completed and deviated false."""
    fault = changed(journal(fault=True), path, value)
    if path == "steady_states.after":
        fault["run"] = journal(fault=True)["run"]

    assert judged(STEADY, fault=fault) == expected


def test_a_target_that_is_not_steady_without_the_fault_is_not_blamed() -> None:
    control = changed(journal(fault=False), "steady_states.after.probes.0.output", "not: 500")

    assert judged(STEADY, control=control) == (Outcome.INCONCLUSIVE, "control-run-deviated")


@pytest.mark.parametrize("experiment", load_experiments(), ids=lambda item: item.name)
def test_every_shipped_experiment_can_fail_and_is_rolled_back(experiment: Experiment) -> None:
    assert experiment.judges
    assert experiment.at_least >= 1
    assert experiment.rollbacks >= 1


def test_at_least_eight_experiments_use_every_toxic_and_signal() -> None:
    texts = "\n".join(item.path.read_text(encoding="utf-8") for item in load_experiments())

    assert len(load_experiments()) >= 8
    for toxic in ("latency", "reset", "timeout", "down", "bandwidth", "slicer", "limit"):
        assert f'toxic: "{toxic}"' in texts, toxic
    assert "func: send_and_kill" in texts
    assert "func: pause" in texts


def experiment_text(*, by: str, at_least: int) -> str:
    return f"""
title: x
extensions:
  - {{name: harness, proof: {{link: a, at_least: {at_least}}}, judges: [{{requirement: r, by: [{by}]}}]}}
steady-state-hypothesis: {{probes: [{{type: probe, name: p}}]}}
method: []
rollbacks: [{{type: action, name: heal}}]
"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("title: x\n", "KeyError"),
        ("[", "parsing"),
        (experiment_text(by="nobody", at_least=1), "nobody"),
        (experiment_text(by="", at_least=1), "judged by nothing"),
        (experiment_text(by="p", at_least=0), "proof of at least 1"),
    ],
)
def test_an_experiment_that_could_never_fail_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UsageProblem, match=complaint):
        load_experiment(file)
