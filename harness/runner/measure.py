"""One run from target file to scored folder."""

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from harness.catalogue.rubric import load_rubric, rubric_to_json
from harness.core.clock import Clock, SystemClock
from harness.core.errors import HarnessFault
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.plan import Plan
from harness.core.redaction import Redactor
from harness.core.run import LayerRecord, RunRecord, run_to_json
from harness.core.target import Consent, Target
from harness.evidence.store import RunFolder
from harness.plan.engine import Completion
from harness.plan.planner import Knowledge, build_plan, planned_layers
from harness.runner.ahead import Ahead
from harness.runner.canaries import Canaries
from harness.runner.crew import side_by_side, stages
from harness.runner.discovery import Discovery, discover, existence_findings, recall
from harness.runner.finish import score_folder
from harness.runner.history import keep_copy, remember
from harness.runner.landed import require_comparable
from harness.runner.layer import LayerRun
from harness.runner.options import Progress, RunOptions
from harness.runner.producers import engines, enumerated_subjects, producers
from harness.runner.record import first_record
from harness.target.file import load_target
from harness.target.launcher import Launcher
from harness.target.limits import narrowed

#: What a record says of a run that Ctrl-C cut short.
BY_USER = "interrupted by the user"


def measure(options: RunOptions, progress: Progress, *, clock: Clock | None = None) -> tuple[ScoredRun, Path]:
    """Run every planned layer, score, write reports; an interruption keeps what was measured so far."""
    run = _Run(options, progress, clock or SystemClock())
    try:
        run.measure()
    except KeyboardInterrupt:
        run.interrupt(BY_USER)
    except OSError as problem:
        with suppress(OSError):  # the note has to be written to the same disk
            run.interrupt(f"the harness could not write: {problem}")
        raise HarnessFault(
            str(problem), remedy=f"what was measured is kept in {run.folder.path}"
        ) from problem
    return run.finish(), run.folder.path


def plan_only(options: RunOptions, progress: Progress) -> Plan:
    """Probe the target and return the plan; nothing else is sent and nothing is kept."""
    import tempfile  # noqa: PLC0415 - only `harness plan` needs a folder that goes away

    with tempfile.TemporaryDirectory() as scratch:
        run = _Run(replace(options, folder=Path(scratch) / "plan"), progress, SystemClock())
        return run.probe()


class _Run:
    def __init__(self, options: RunOptions, progress: Progress, clock: Clock) -> None:
        self.options = options
        self.progress = progress
        self.clock = clock
        self.target = _as_asked(load_target(options.target, os.environ), options)
        self.rubric = load_rubric()
        require_comparable(
            options.gates,
            target=self.target.name,
            rubric_hash=self.rubric.hash,
            is_partial=options.choice.is_partial,
        )
        started = clock.now()
        identity = f"{started:%Y%m%d-%H%M%S}-{re.sub(r'[^A-Za-z0-9._-]', '-', self.target.name)}"
        self.folder = RunFolder.create(options.folder or Path("reports") / identity)
        self.redactor = Redactor(_known_secrets(self.target), key=secrets.token_bytes(32))
        self.record = first_record(self.target, self.rubric, options, identity, started.isoformat())
        self._launchers: dict[Layer, Launcher] = {}
        seconds = options.max_seconds or self.target.limits.seconds
        self.deadline = clock.monotonic() + seconds if seconds else None

    def measure(self) -> None:
        """Probe and plan, the canaries meanwhile; then one stage of layers after the other."""
        self._write(self.record)
        self.folder.write_rubric(rubric_to_json(self.rubric))
        expected = planned_layers(self.target, self.options.choice)
        steps = 2 + len(expected)
        self.progress.phase("probing", step=1, steps=steps)
        with self._canaries(expected) as canaries, Ahead() as ahead:
            if self.target.is_launched and Layer.SCENARIOS in expected:  # they take the longest
                ahead.start(Layer.SCENARIOS, self._launcher(Layer.SCENARIOS))
            plan = self.probe()
            steps = 2 + len(plan.layers)
            canaries.start()
            if not self._run_stages(plan, canaries, ahead, steps):
                return
        self.progress.phase("judging and scoring", step=steps, steps=steps)
        spent = Launcher(self.target, folder=self.folder, redactor=self.redactor).spent
        self._write(replace(self.record, finished=self.clock.now().isoformat(), interrupted=spent))

    @contextmanager
    def _canaries(self, layers: Sequence[Layer]) -> Iterator[Canaries]:
        """Yield those that were shown already, or new ones, begun at once for a target that we start."""
        if self.options.canaries is not None:
            yield self.options.canaries
            return
        with Canaries([engines()[layer] for layer in layers]) as canaries:
            if self.target.is_launched:  # a deployment may not even answer, and that is told at once
                canaries.start()
            yield canaries

    def _run_stages(self, plan: Plan, canaries: Canaries, ahead: Ahead, steps: int) -> bool:
        """Return whether the time sufficed for all of them."""
        done = 2
        planned = stages(plan.layers, is_launched=self.target.is_launched)
        crews = [[self._layer_run(plan, layer, canaries, ahead) for layer in stage] for stage in planned]
        for crew, following in zip_longest(crews, crews[1:] if self.target.is_launched else [], fillvalue=()):
            working = [run.engine.layer for run in crew]
            if self._is_late():
                self.interrupt(f"the time for the run was over before {', '.join(working)}")
                return False
            self.progress.phase(", ".join(working), step=done, steps=steps)
            for layer, record in side_by_side(crew, following):
                self._write(replace(self.record, layers={**self.record.layers, layer.value: record}))
                if record.completion == Completion.INTERRUPTED.value:
                    raise KeyboardInterrupt
                working.remove(layer)
                done += 1
                if working:
                    self.progress.phase(", ".join(working), step=done, steps=steps)
        return True

    def _layer_run(self, plan: Plan, layer: Layer, canaries: Canaries, ahead: Ahead) -> LayerRun:
        return LayerRun(
            engine=engines()[layer],
            canaries=canaries,
            ahead=ahead,
            launcher=self._launcher(layer),
            plan=plan,
            folder=self.folder,
            progress=self.progress,
            clock=self.clock,
            seconds_left=self._seconds_left,
        )

    def _launcher(self, layer: Layer) -> Launcher:
        """Return the one launcher of a layer, with a redactor that learns the secrets of its instance."""
        if layer not in self._launchers:
            self._launchers[layer] = Launcher(self.target, folder=self.folder, redactor=self.redactor.copy())
        return self._launchers[layer]

    def probe(self) -> Plan:
        """Find out what the target can, or recall it, and decide what will be judged."""
        started = self.clock.monotonic()
        if self.options.like is None:
            launcher = Launcher(self.target, folder=self.folder, redactor=self.redactor)
            found = discover(launcher, self.folder)
            for finding in existence_findings(found.capabilities):
                self.folder.append_finding(finding)
        else:
            found = recall(self.options.like.run, RunFolder(self.options.like.folder))
        plan = build_plan(self.target, self.rubric.requirements, self.options.choice, self._knowledge(found))
        probed = LayerRecord(
            completion=Completion.COMPLETED.value,
            told_apart=True,
            looked_again=self.options.like is None,
            exchanges=self.folder.count_exchanges(Layer.PROBE),
            seconds=round(self.clock.monotonic() - started, 3),
        )
        self._write(
            replace(
                self.record,
                base_url=found.base_url,
                fingerprint=found.fingerprint,
                capabilities=found.capabilities,
                subjects=plan.subjects,
                producers=plan.producers,
                operations=found.operations.all,
                path_prefix=found.operations.full_prefix,
                openapi_attachment=self._attach_document(found.document),
                openapi_path=found.document_path,
                layers={**({} if self.options.like else {Layer.PROBE.value: probed}), **_skipped(plan)},
            )
        )
        return plan

    def _knowledge(self, found: Discovery) -> Knowledge:
        return Knowledge(
            operations=found.operations,
            capabilities=found.capabilities,
            producers=producers(self.target.profile.value),
            enumerated=enumerated_subjects(self.target),
            idle=found.idle,
            today=self.clock.now().date().isoformat(),
        )

    def interrupt(self, reason: str) -> None:
        """Note why the run is incomplete; what was measured so far stands."""
        self._write(replace(self.record, interrupted=reason))

    def finish(self) -> ScoredRun:
        """Judge, score and report what the folder holds, exactly as `harness score` does later."""
        self.folder.close()  # many runs may follow in this process
        history = self.options.history
        if history is None:
            return score_folder(self.folder.path, formats=self.options.formats)
        keep_copy(self.folder, self.record, history)
        scored = score_folder(self.folder.path, formats=self.options.formats)
        remember(scored, history)
        return scored

    def _attach_document(self, document: Mapping[str, Any] | None) -> str:
        if document is None:
            return ""
        return self.folder.attach(json.dumps(document, sort_keys=True).encode(), "application/json")

    def _write(self, record: RunRecord) -> None:
        self.record = record
        self.folder.write_run(run_to_json(record))

    def _is_late(self) -> bool:
        return self.deadline is not None and self.clock.monotonic() >= self.deadline

    def _seconds_left(self) -> float:
        return 0.0 if self.deadline is None else max(1.0, self.deadline - self.clock.monotonic())


def _as_asked(target: Target, options: RunOptions) -> Target:
    """Return the target with consent withdrawn and environment added as the user asked."""
    asked = replace(target, consent=Consent()) if options.read_only else target
    return replace(
        asked,
        limits=narrowed(asked.limits, options.limits),
        processes=tuple(
            replace(process, env={**process.env, **options.environment}) for process in asked.processes
        ),
    )


def _skipped(plan: Plan) -> Mapping[str, LayerRecord]:
    """Return the account of the layers that have nothing to do: they end nothing and excuse nothing."""
    return {
        layer.value: LayerRecord(completion=Completion.SKIPPED.value, detail=reason)
        for layer, reason in plan.idle.items()
    }


def _known_secrets(target: Target) -> tuple[str, ...]:
    return tuple(identity.secret for identity in target.identities if identity.secret)
