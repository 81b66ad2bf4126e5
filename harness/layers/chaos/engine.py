"""The chaos engine: each experiment without its fault and with it, judged by what the journal proves."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic

from harness.core.exchange import exchange_from_json
from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.layers.chaos.canary import told_apart
from harness.layers.chaos.context import context_of, write_context
from harness.layers.chaos.experiment import Experiment, Judged, load_experiments
from harness.layers.chaos.journal import Judgement, judge, read_journal
from harness.layers.chaos.tool import ToolRun, run_experiment
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.target.instance import Instance
from harness.target.launch_client import LaunchClient

_EXPERIMENT_SECONDS = 90.0
_EXCHANGES_SHOWN = 10
_DEPTHS = tuple(Depth)


class ChaosEngine:
    """Implements harness.plan.engine.Engine over a folder of experiments."""

    layer = Layer.CHAOS

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """Every experiment of the folder."""
        return load_experiments(self._folder)

    def produces(self, profile: str) -> frozenset[str]:
        """Return what the experiments judge; they are all written for the core contracts."""
        if Profile(profile) is not Profile.CORE:
            return frozenset()
        return frozenset(judged.requirement for each in self.experiments for judged in each.judges)

    def idle_reason(self, instance: Instance) -> str:
        """Every experiment is written for the core contracts."""
        is_core = instance.target.profile is Profile.CORE
        return "" if is_core else "no experiment is written for targets outside the core profile"

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Run one experiment on a good and on a bad service."""
        return told_apart(scratch)

    def run(self, assignment: Assignment) -> LayerReport:
        """Run what the depth takes; an experiment that leaves the target broken ends the layer."""
        chosen = [item for item in self.experiments if _is_taken(item, assignment)]
        context = assignment.scratch / "context.json"
        write_context(context_of(assignment.instance), context)
        deadline = monotonic() + assignment.seconds
        done = 0
        for experiment in chosen:
            if monotonic() >= deadline:
                return LayerReport(
                    completion=Completion.TIMED_OUT, detail=f"{done} of {len(chosen)} experiments ran"
                )
            assignment.progress(experiment.title)
            trial = _Trial(experiment=experiment, assignment=assignment, context=context)
            if trial.run(deadline) is Completion.INTERRUPTED:
                return LayerReport(completion=Completion.INTERRUPTED, detail="the run was interrupted")
            done += 1
            if left := trial.left_behind():
                return LayerReport(
                    completion=Completion.CRASHED,
                    detail=f"{experiment.name} could not be rolled back: {left}",
                )
        if not done:
            return LayerReport(completion=Completion.NOTHING_RAN, detail="no experiment was chosen")
        return LayerReport(completion=Completion.COMPLETED, counts={"experiments": done})


def _is_taken(experiment: Experiment, assignment: Assignment) -> bool:
    """Whether the depth takes it and the plan waits for one of its judgements."""
    if _DEPTHS.index(experiment.depth) > _DEPTHS.index(assignment.depth):
        return False
    waiting = {
        (item.requirement, item.subject)
        for item in assignment.plan.subjects
        if item.skip is None and not item.not_applicable
    }
    return any((judged.requirement, judged.subject) in waiting for judged in experiment.judges)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One experiment: its control run, its fault run, its findings."""

    experiment: Experiment
    assignment: Assignment
    context: Path

    def run(self, deadline: float) -> Completion:
        """Return `interrupted` when the user ended it; what the tool did wrong is in the findings."""
        control = self._once(deadline, is_control_run=True)
        if control.end.interrupted:
            return Completion.INTERRUPTED
        fault = self._once(deadline, is_control_run=False)
        if fault.end.interrupted:
            return Completion.INTERRUPTED
        self._emit(control, fault)
        return Completion.COMPLETED

    def _once(self, deadline: float, *, is_control_run: bool) -> ToolRun:
        return run_experiment(
            self.experiment,
            context=self.context,
            scratch=self.assignment.scratch / "experiments",
            log=self.assignment.logs / f"chaos-{self.experiment.name}.log",
            redact=self.assignment.redactor.bytes,
            seconds=max(1.0, min(_EXPERIMENT_SECONDS, deadline - monotonic())),
            is_control_run=is_control_run,
        )

    def _emit(self, control: ToolRun, fault: ToolRun) -> None:
        attachments = tuple(self._attach(run) for run in (control, fault) if run.journal)
        exchanges = self._exchanges()
        for judged in self.experiment.judges:
            judgement = self._judge(judged, control, fault)
            self.assignment.emit(
                Finding(
                    requirement=judged.requirement,
                    subject=judged.subject,
                    outcome=judgement.outcome,
                    reason=judgement.reason,
                    layer=Layer.CHAOS,
                    producer=f"chaos:{self.experiment.name}",
                    expected=self.experiment.title,
                    seen=self.assignment.redactor.text(judgement.seen),
                    exchanges=exchanges,
                    attempts=2,
                    reproduction=f"chaos run scenarios/chaos/{self.experiment.path.name}",
                    attachments=attachments,
                )
            )

    def _judge(self, judged: Judged, control: ToolRun, fault: ToolRun) -> Judgement:
        for kind, run in (("control", control), ("fault", fault)):
            if run.end.timed_out:
                seen = f"the {kind} run took more than {run.end.seconds:.0f} s and was stopped"
                return Judgement(outcome=Outcome.ERROR, reason="timed-out", seen=seen)
            if not run.journal:
                seen = f"the {kind} run left no journal (exit code {run.end.exit_code})"
                return Judgement(outcome=Outcome.ERROR, reason="crashed", seen=seen)
        return judge(
            judged,
            self.experiment,
            read_journal(control.journal, self.experiment),
            read_journal(fault.journal, self.experiment),
        )

    def _attach(self, run: ToolRun) -> str:
        kept = {
            name: run.journal.get(name)
            for name in ("status", "deviated", "steady_states", "run", "rollbacks", "x-harness")
        }
        text = self.assignment.redactor.text(json.dumps(kept, sort_keys=True, default=str))
        return self.assignment.attach(text.encode(), "application/json")

    def _exchanges(self) -> tuple[str, ...]:
        """Return the last exchanges of the fault run: they show the target under the fault."""
        step = f"chaos:{self.experiment.name}:fault"
        found = [identity for identity, its_step in _steps(self.assignment.exchanges) if its_step == step]
        return tuple(found[-_EXCHANGES_SHOWN:])

    def left_behind(self) -> str:
        """Heal what an experiment left behind, and return what could not be healed."""
        instance = self.assignment.instance
        client = LaunchClient(instance.control_address, instance.control_token)
        client.set_fault_active(active=False)
        for link in client.links():
            client.heal(link)
        broken: list[str] = []
        for process in instance.target.processes:
            state = client.process(process.name)
            if state.get("paused"):
                client.signal(process.name, "resume")
            if not state["running"]:
                client.signal(process.name, "restart")
            if not client.process(process.name)["running"]:
                broken.append(process.name)
        return ", ".join(broken)


def _steps(exchanges: Path | None) -> Iterable[tuple[str, str]]:
    if exchanges is None or not exchanges.is_file():
        return
    with exchanges.open(encoding="utf-8") as lines:
        for line in lines:
            if '"chaos:' not in line:
                continue
            try:
                record = exchange_from_json(json.loads(line))
            except (ValueError, KeyError):
                continue  # the line that is being written right now
            yield record.id, record.step


ENGINE = ChaosEngine()
