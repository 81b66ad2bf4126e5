"""Reads a Chaos Toolkit journal by our own rules; its status and the exit code are never believed.

False greens of the tool, all with exit code 0: a hypothesis that did not hold before the method (which then
never ran), a tolerance on a probe of the method (ignored), a failed activity in the method.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.outcome import Outcome
from harness.layers.chaos.experiment import Experiment, Judged

#: The journal's member that our own control writes (harness.layers.chaos.control).
MEMBER = "x-harness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One journal in our words: was it steady, did everything run, what did each probe say, what fired."""

    was_steady: bool
    ran_all: bool
    rolled_back: bool
    said: Mapping[str, str]
    fired: int
    trouble: str

    def met(self, probe: str) -> bool:
        """Whether a probe said ok the last time it was asked."""
        return self.said.get(probe, "").startswith("ok")


def read_journal(journal: Mapping[str, Any], experiment: Experiment) -> Reading:
    """Return what a journal says; a journal cut short reads as one in which things did not run."""
    before = (journal.get("steady_states") or {}).get("before") or {}
    after = (journal.get("steady_states") or {}).get("after") or {}
    runs: Sequence[Mapping[str, Any]] = journal.get("run") or ()
    rollbacks: Sequence[Mapping[str, Any]] = journal.get("rollbacks") or ()
    said = {_name(run): str(run.get("output")) for run in (*runs, *(after.get("probes") or ()))}
    return Reading(
        was_steady=before.get("steady_state_met") is True,
        ran_all=len(runs) == experiment.activities and all(run.get("status") == "succeeded" for run in runs),
        rolled_back=len(rollbacks) == experiment.rollbacks
        and all(run.get("status") == "succeeded" for run in rollbacks),
        said=said,
        fired=_fired(journal.get(MEMBER) or {}, experiment),
        trouble=_trouble((*(before.get("probes") or ()), *runs, *(after.get("probes") or ()), *rollbacks)),
    )


def _name(run: Mapping[str, Any]) -> str:
    return str((run.get("activity") or {}).get("name"))


def _fired(own: Mapping[str, Any], experiment: Experiment) -> int:
    if experiment.proof_link:
        return int((own.get("links") or {}).get(experiment.proof_link, {}).get("fired", 0))
    return int(own.get("fired", 0))


def _trouble(runs: Sequence[Mapping[str, Any]]) -> str:
    for run in runs:
        if run.get("status") != "succeeded":
            cause = (run.get("exception") or ["no reason given"])[-1]
            return f"{_name(run)}: {str(cause).strip()}"
        if str(run.get("output")).startswith("not"):
            return f"{_name(run)}: {run.get('output')}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an experiment says of one requirement and subject."""

    outcome: Outcome
    reason: str
    seen: str


def judge(judged: Judged, experiment: Experiment, control: Reading, fault: Reading) -> Judgement:
    """Weigh the control run and the fault run; only a fault that fired can pass or fail a target."""
    if (obstacle := _without_fault(judged, control) or _under_fault(experiment, fault)) is not None:
        return obstacle
    deviating = [name for name in judged.by if not fault.met(name)]
    if deviating:
        seen = "; ".join(f"{name}: {fault.said.get(name, 'never asked')}" for name in deviating)
        return Judgement(outcome=Outcome.FAIL, reason="deviates-under-fault", seen=seen)
    seen = "; ".join(f"{name}: {fault.said[name]}" for name in judged.by)
    return Judgement(outcome=Outcome.PASS, reason="holds-under-fault", seen=f"{seen} (fired {fault.fired})")


def _without_fault(judged: Judged, control: Reading) -> Judgement | None:
    """Return what the control run alone decides."""
    if not control.was_steady:
        return Judgement(outcome=Outcome.INCONCLUSIVE, reason="not-steady", seen=control.trouble)
    if not control.ran_all:
        return Judgement(outcome=Outcome.ERROR, reason="control-run-broke", seen=control.trouble)
    wrong = [name for name in judged.by if control.met(name) == judged.only_with_fault]
    return _control_disagrees(judged, control, wrong) if wrong else None


def _under_fault(experiment: Experiment, fault: Reading) -> Judgement | None:
    """Return what keeps the fault run from saying anything of the target."""
    few = f"the fault fired {fault.fired} times, {experiment.at_least} were expected"
    obstacles = (
        (not fault.was_steady, Outcome.INCONCLUSIVE, "not-steady", fault.trouble),
        (not fault.ran_all, Outcome.ERROR, "activity-failed", fault.trouble),
        (not fault.rolled_back, Outcome.ERROR, "rollback-failed", fault.trouble),
        (fault.fired < experiment.at_least, Outcome.INCONCLUSIVE, "fault-did-not-fire", few),
    )
    for stands, outcome, reason, seen in obstacles:
        if stands:
            return Judgement(outcome=outcome, reason=reason, seen=seen)
    return None


def _control_disagrees(judged: Judged, control: Reading, wrong: Sequence[str]) -> Judgement:
    """Without the fault a probe already said what only the fault should make it say, or the reverse."""
    seen = "; ".join(f"without the fault, {name}: {control.said.get(name, 'never asked')}" for name in wrong)
    if judged.only_with_fault:
        return Judgement(outcome=Outcome.FAIL, reason="same-without-fault", seen=seen)
    return Judgement(outcome=Outcome.INCONCLUSIVE, reason="control-run-deviated", seen=seen)
