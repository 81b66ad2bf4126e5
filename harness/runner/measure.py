"""One run from target file to scored folder."""

import json
import os
import platform
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.catalogue.rubric import Rubric, load_rubric, rubric_to_json
from harness.core.clock import Clock, SystemClock
from harness.core.errors import HarnessFault
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.plan import Capability, CapabilityState, Plan
from harness.core.redaction import Redactor
from harness.core.resources import resource
from harness.core.run import LayerRecord, RunRecord, run_to_json
from harness.core.target import Consent, Target
from harness.evidence.store import RunFolder
from harness.plan.engine import Completion
from harness.plan.planner import Knowledge, build_plan, planned_layers
from harness.runner.canaries import Canaries
from harness.runner.crew import side_by_side, stages
from harness.runner.finish import score_folder
from harness.runner.layer import LayerRun
from harness.runner.options import Progress, RunOptions
from harness.runner.producers import engines, enumerated_subjects, producers
from harness.target.file import load_target
from harness.target.instance import Instance
from harness.target.launcher import Launcher
from harness.target.probes import probe_all, probes

_TOOLS = ("schemathesis", "pact-python", "pytest", "chaostoolkit", "locust", "hypothesis", "core-harness")


def measure(options: RunOptions, progress: Progress, *, clock: Clock | None = None) -> tuple[ScoredRun, Path]:
    """Run every planned layer, score, write reports; an interruption keeps what was measured so far."""
    run = _Run(options, progress, clock or SystemClock())
    try:
        run.measure()
    except KeyboardInterrupt:
        run.interrupt("interrupted by the user")
    except OSError as problem:
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
        started = clock.now()
        identity = f"{started:%Y%m%d-%H%M%S}-{re.sub(r'[^A-Za-z0-9._-]', '-', self.target.name)}"
        self.folder = RunFolder.create(options.folder or Path("reports") / identity)
        self.redactor = Redactor(_known_secrets(self.target), key=secrets.token_bytes(32))
        self.record = _first_record(self.target, self.rubric, options, identity, started.isoformat())
        self.deadline = clock.monotonic() + options.max_seconds if options.max_seconds else None

    def measure(self) -> None:
        """Probe and plan, the canaries meanwhile; then one stage of layers after the other."""
        self._write(self.record)
        self.folder.write_rubric(rubric_to_json(self.rubric))
        expected = planned_layers(self.target, self.options.choice)
        steps = 2 + len(expected)
        self.progress.phase("probing", step=1, steps=steps)
        with Canaries([engines()[layer] for layer in expected]) as canaries:
            if self.target.is_launched:  # a deployment may not even answer, and that is told at once
                canaries.start()
            plan = self.probe()
            canaries.start()
            if not self._run_stages(plan, canaries, steps):
                return
        self.progress.phase("judging and scoring", step=steps, steps=steps)
        self._write(replace(self.record, finished=self.clock.now().isoformat()))

    def _run_stages(self, plan: Plan, canaries: Canaries, steps: int) -> bool:
        """Return whether the time sufficed for all of them."""
        done = 2
        for stage in stages(plan.layers, is_launched=self.target.is_launched):
            if self._is_late():
                late = ", ".join(stage)
                self.interrupt(f"--max-time {self.options.max_seconds:g} s was over before {late}")
                return False
            working = list(stage)
            self.progress.phase(", ".join(working), step=done, steps=steps)
            for layer, record in side_by_side([self._layer_run(plan, layer, canaries) for layer in stage]):
                self._write(replace(self.record, layers={**self.record.layers, layer.value: record}))
                if record.completion == Completion.INTERRUPTED.value:
                    raise KeyboardInterrupt
                working.remove(layer)
                done += 1
                if working:
                    self.progress.phase(", ".join(working), step=done, steps=steps)
        return True

    def _layer_run(self, plan: Plan, layer: Layer, canaries: Canaries) -> LayerRun:
        redactor = self.redactor.copy()
        return LayerRun(
            engine=engines()[layer],
            canaries=canaries,
            launcher=Launcher(self.target, folder=self.folder, redactor=redactor),
            plan=plan,
            folder=self.folder,
            redactor=redactor,
            progress=self.progress,
            clock=self.clock,
            seconds=self._seconds_left(),
        )

    def probe(self) -> Plan:
        """Start the target once, ask what it can, and decide what will be judged."""
        started = self.clock.monotonic()
        launcher = Launcher(self.target, folder=self.folder, redactor=self.redactor)
        with launcher.launch(Layer.PROBE) as instance:
            capabilities = probe_all(instance)
            document = instance.openapi_document
        capabilities = self._with_evidence(capabilities)
        self._emit_existence(capabilities)
        known = Knowledge(
            operations=instance.operations,
            capabilities=capabilities,
            producers=producers(self.target.profile.value),
            enumerated=enumerated_subjects(self.target),
            today=self.clock.now().date().isoformat(),
        )
        plan = build_plan(self.target, self.rubric.requirements, self.options.choice, known)
        self._write(
            replace(
                self.record,
                base_url=instance.base_url,
                fingerprint=_fingerprint(instance),
                capabilities=capabilities,
                subjects=plan.subjects,
                producers=plan.producers,
                operations=instance.operations.all,
                path_prefix=instance.operations.prefix,
                openapi_attachment=self._attach_document(document),
                layers={
                    Layer.PROBE.value: LayerRecord(
                        completion=Completion.COMPLETED.value,
                        told_apart=True,
                        exchanges=self.folder.count_exchanges(Layer.PROBE),
                        seconds=self.clock.monotonic() - started,
                    )
                },
            )
        )
        return plan

    def interrupt(self, reason: str) -> None:
        """Note why the run is incomplete; what was measured so far stands."""
        self._write(replace(self.record, interrupted=reason))

    def finish(self) -> ScoredRun:
        """Judge, score and report what the folder holds, exactly as `harness score` does later."""
        return score_folder(self.folder.path, formats=self.options.formats)

    def _with_evidence(self, capabilities: Mapping[str, Capability]) -> Mapping[str, Capability]:
        """Name the exchanges behind each capability: a probe's questions carry its id as their step."""
        asked: dict[str, list[str]] = {}
        for exchange in self.folder.read_exchanges():
            asked.setdefault(exchange.step, []).append(exchange.id)
        return {
            name: replace(item, exchanges=tuple(asked.get(f"probe:{name}", ())))
            for name, item in capabilities.items()
        }

    def _emit_existence(self, capabilities: Mapping[str, Capability]) -> None:
        for probe in probes():
            if probe.requirement and probe.id in capabilities:
                self.folder.append_finding(_existence_finding(probe.requirement, capabilities[probe.id]))

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


def _existence_finding(requirement: str, capability: Capability) -> Finding:
    exists = capability.state is CapabilityState.PRESENT
    return Finding(
        requirement=requirement,
        subject="target",
        outcome=Outcome.PASS if exists else Outcome.FAIL,
        reason="present" if exists else capability.state.value,
        layer=Layer.PROBE,
        producer=f"probe:{capability.id}",
        expected=f"the target offers {capability.id}",
        seen=capability.detail,
        exchanges=capability.exchanges,
    )


def _first_record(
    target: Target, rubric: Rubric, options: RunOptions, identity: str, started: str
) -> RunRecord:
    return RunRecord(
        id=identity,
        target=target.name,
        profile=target.profile.value,
        base_url=target.base_url,
        started=started,
        depth=options.choice.depth.value,
        seed=options.choice.seed,
        is_partial=options.choice.is_partial,
        rubric_version=rubric.version,
        rubric_hash=rubric.hash,
        versions=_versions(),
        consent=asdict(target.consent),
        claims={area: asdict(claim) for area, claim in target.claims.items()},
        gates=options.gates,
        detection=_detection(rubric),
    )


def _detection(rubric: Rubric) -> Mapping[str, Any]:
    """Return what is proven of this rubric: the published matrix, or nothing when it is of another."""
    try:
        published = json.loads(resource("reports/published/detection.json").read_bytes())
    except HarnessFault:
        return {}  # nothing was published yet, so every check is unproven
    if published["rubric"] != rubric.version:
        return {}
    return {"rubric": published["rubric"], "requirements": published["requirements"]}


def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for tool in _TOOLS:
        try:
            found[tool] = version(tool)
        except PackageNotFoundError:  # a tool that is not there is named by the layer that needs it
            continue
    return found


def _fingerprint(instance: Instance) -> str:
    """Return the title and version that the target's own document states."""
    stated = (instance.openapi_document or {}).get("info", {})
    return f"{stated.get('title', '')} {stated.get('version', '')}".strip()


def _as_asked(target: Target, options: RunOptions) -> Target:
    """Return the target with consent withdrawn and environment added as the user asked."""
    asked = replace(target, consent=Consent()) if options.read_only else target
    return replace(
        asked,
        processes=tuple(
            replace(process, env={**process.env, **options.environment}) for process in asked.processes
        ),
    )


def _known_secrets(target: Target) -> tuple[str, ...]:
    return tuple(identity.secret for identity in target.identities if identity.secret)
