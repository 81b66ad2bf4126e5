"""One layer of a run: fresh instance, engine, canary, and the account of how it went."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from harness.core.clock import Clock
from harness.core.errors import HarnessProblem
from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.plan import Plan, SkipReason
from harness.core.run import LayerRecord
from harness.evidence.store import RunFolder
from harness.plan.engine import Assignment, CanaryVerdict, Completion, Engine, LayerReport
from harness.runner.ahead import Ahead
from harness.runner.budget import within_budget
from harness.runner.canaries import Canaries
from harness.runner.options import Progress
from harness.runner.second_look import look_again
from harness.target.instance import Instance
from harness.target.launcher import Launcher

#: Wall limits per layer and depth in seconds: what a layer may never exceed, not what it aims at.
_LIMITS = {Depth.QUICK: 180.0, Depth.STANDARD: 600.0, Depth.FULL: 1800.0}

#: Fewer exchanges than this and a layer has measured nothing. Load samples one in a hundred.
_LEAST_EXCHANGES = {Layer.CONTRACTS: 1, Layer.SCENARIOS: 5, Layer.FUZZ: 10, Layer.CHAOS: 5, Layer.LOAD: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRun:
    """Everything one layer needs; no seconds left to the run (0) leaves only the depth's own limit."""

    engine: Engine
    canaries: Canaries
    ahead: Ahead
    launcher: Launcher
    plan: Plan
    folder: RunFolder
    progress: Progress
    clock: Clock
    seconds_left: Callable[[], float]

    def run(self) -> LayerRecord:
        """Return how the layer went; nothing the target or a tool does is raised from here."""
        started = self.clock.monotonic()
        report, switches, canary = self._measure()
        recorded = self.folder.count_exchanges(self.engine.layer)
        if report.completion is Completion.COMPLETED and recorded < self._least_exchanges():
            report = LayerReport(
                completion=Completion.NOTHING_RAN, detail=f"only {recorded} exchanges were recorded"
            )
        report = within_budget(report, self.launcher.spent, recorded=recorded)
        return LayerRecord(
            completion=report.completion.value,
            detail=report.detail,
            canary=canary.detail,
            told_apart=canary.told_apart,
            exchanges=recorded,
            seconds=round(self.clock.monotonic() - started, 3),
            switches=switches,
            looked_again=report.completion is Completion.COMPLETED,
        )

    def start_ahead(self) -> None:
        """Begin to start the instance, so that it is there when the layer begins."""
        self.ahead.start(self.engine.layer, self.launcher)

    def _least_exchanges(self) -> int:
        """What was chosen may need few, or none where a token is read that a sign-in gave."""
        chosen = any(item.skip is SkipReason.REQUIREMENT_NOT_SELECTED for item in self.plan.subjects)
        return 0 if chosen else _LEAST_EXCHANGES[self.engine.layer]

    def _measure(self) -> tuple[LayerReport, Mapping[str, Mapping[str, Any]], CanaryVerdict]:
        try:
            with tempfile.TemporaryDirectory(prefix="harness-") as scratch:
                report, switches = self._run_engine(Path(scratch))
            return report, switches, self.canaries.verdict(self.engine.layer)
        except KeyboardInterrupt:
            canary = CanaryVerdict(told_apart=False, detail="the run was interrupted")
            return LayerReport(completion=Completion.INTERRUPTED, detail=canary.detail), {}, canary

    def _run_engine(self, scratch: Path) -> tuple[LayerReport, Mapping[str, Mapping[str, Any]]]:
        try:
            with self.ahead.instance(self.engine.layer, self.launcher) as instance:
                report = self.engine.run(self._assignment(instance, scratch))
                look_again(instance, self.engine.layer, self.folder)
                return report, _switches(instance)
        except HarnessProblem as problem:
            return LayerReport(completion=Completion.CRASHED, detail=str(problem)), {}
        except Exception as problem:  # noqa: BLE001 - the boundary of an engine: other layers go on
            detail = f"{type(problem).__name__}: {problem}"
            return LayerReport(completion=Completion.CRASHED, detail=detail), {}

    def _assignment(self, instance: Instance, scratch: Path) -> Assignment:
        limit, left = _LIMITS[self.plan.depth], self.seconds_left()
        return Assignment(
            layer=self.engine.layer,
            instance=instance,
            plan=self.plan,
            depth=self.plan.depth,
            seed=self.plan.seed,
            seconds=min(limit, left) if left else limit,
            scratch=scratch,
            logs=self.folder.logs,
            emit=self._emit,
            attach=self.folder.attach,
            progress=self._tell,
            redactor=self.launcher.redactor,
            exchanges=self.folder.exchanges,
        )

    def _tell(self, text: str) -> None:
        self.progress.line(f"{self.engine.layer.value}: {text}")

    def _emit(self, finding: Finding) -> None:
        self.folder.append_finding(finding)


def _switches(instance: Instance) -> Mapping[str, Mapping[str, Any]]:
    """Return the counters of switched-on defects; a target without control or without defects has none."""
    if not instance.has_control:
        return {}
    try:
        answer = httpx.get(f"{instance.direct_url}/_control/defects", timeout=5.0)
        listed = answer.json()["defects"] if answer.status_code == 200 else []
    except (httpx.HTTPError, ValueError, KeyError):
        return {}
    return {item["id"]: {key: item[key] for key in ("applied", "reached", "triggered")} for item in listed}
