"""The scenarios engine: pytest packs in a process of their own, their findings passed on as they arise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from harness.core.interruption import check_interrupted
from harness.core.layer import Layer
from harness.core.requirement import Profile
from harness.core.spawn import Child, spawn
from harness.core.target import Target
from harness.layers.scenarios.canary import told_apart
from harness.layers.scenarios.context import context_of, write_context
from harness.layers.scenarios.following import GrowingLines, StepIndex
from harness.layers.scenarios.packs import files_judging, pack_folders, requirements_of
from harness.layers.scenarios.tool import Session, account, is_end, write_configuration
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.target.openapi import read_openapi

_LOOK_SECONDS = 0.25
_SCENARIO_SECONDS = 45.0
_COMPATIBILITY = "api.backward-compatible"


class ScenariosEngine:
    """Implements harness.plan.engine.Engine; other packs may be given than those of the profile."""

    layer = Layer.SCENARIOS

    def __init__(self, packs: Sequence[Path] = ()) -> None:
        self._packs = tuple(packs)

    def produces(self, profile: str) -> frozenset[str]:
        """Return the requirements that the marks in the packs name."""
        return requirements_of(self._folders(Profile(profile)))

    def planned_subjects(self, target: Target) -> Mapping[str, tuple[str, ...]]:
        """Return the operations of the baseline document: what clients were promised is what is judged."""
        if not target.baseline:
            return {}
        old = read_openapi(Path(target.baseline).read_bytes())
        return {_COMPATIBILITY: tuple(each.subject for each in old.operations)}

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Run a pack of one scenario on a good and on a bad service."""
        return told_apart(scratch)

    def run(self, assignment: Assignment) -> LayerReport:
        """Run the packs; what the target does wrong becomes findings, what pytest does wrong a completion."""
        session = self._prepare(assignment)
        child = spawn(
            session.command(),
            log=assignment.logs / "scenarios.log",
            name="scenarios",
            cwd=assignment.scratch,
            redact=assignment.redactor.bytes,
        )
        following = _Following(assignment, session.findings)
        try:
            is_over_time = not following.until_end(child)
        except KeyboardInterrupt:
            child.stop()
            following.finish()
            return LayerReport(completion=Completion.INTERRUPTED, detail="the run was interrupted")
        finally:
            child.kill()
        following.finish()
        if is_over_time:
            detail = f"pytest was stopped after {assignment.seconds:g} s"
            return LayerReport(completion=Completion.TIMED_OUT, detail=detail)
        return account(following.end, child.poll(), child.tail(3))

    def _folders(self, profile: Profile) -> Sequence[Path]:
        return self._packs or pack_folders(profile)

    def _prepare(self, assignment: Assignment) -> Session:
        scratch = assignment.scratch
        session = Session(
            configuration=scratch / "pytest.ini",
            context=scratch / "context.json",
            findings=scratch / "findings.ndjson",
            packs=self._folders(assignment.instance.target.profile),
        )
        write_configuration(session.configuration, seconds=min(_SCENARIO_SECONDS, assignment.seconds))
        context = context_of(assignment.instance, depth=assignment.depth, plan=assignment.plan)
        mine = self.produces(context.profile.value)
        planned = {name: subjects for name, subjects in (context.planned or {}).items() if name in mine}
        write_context(replace(context, planned=planned), session.context)
        return replace(session, chosen=files_judging(session.packs, planned))


class _Following:
    """Passes findings on one look after they were written: by then their exchanges are on disk, too."""

    def __init__(self, assignment: Assignment, findings: Path) -> None:
        self._assignment = assignment
        self._lines = GrowingLines(findings)
        self._index = StepIndex(assignment.exchanges)
        self._waiting: list[Mapping[str, Any]] = []
        self.end: Mapping[str, Any] | None = None

    def until_end(self, child: Child) -> bool:
        """Follow the process to its end; stop it, and return False, when its time is over."""
        deadline = monotonic() + self._assignment.seconds
        while child.wait(_LOOK_SECONDS) is None:
            check_interrupted()
            self._look()
            if monotonic() >= deadline:
                child.stop()
                return False
        return True

    def finish(self) -> None:
        """Pass on what is left."""
        self._look()
        self._look()

    def _look(self) -> None:
        self._index.refresh()
        for record in self._waiting:
            self._assignment.emit(self._index.link(record))
        lines = tuple(self._lines.read())
        self._waiting = [record for record in lines if not is_end(record)]
        self.end = next((record for record in lines if is_end(record)), self.end)


ENGINE = ScenariosEngine()
