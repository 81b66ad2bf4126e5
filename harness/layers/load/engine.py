"""The load engine: a Locust profile against the target's own port, held against its objectives."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.core.confirmation import confirmed
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Profile as Rubric
from harness.core.spawn import log_tail
from harness.evidence.lines import LineWriter, read_lines
from harness.layers.load.canary import told_apart
from harness.layers.load.generator import Ended, Generating, volume_for
from harness.layers.load.generator import Volume as Drive
from harness.layers.load.judging import ERRORS, LATENCY, Generator, Measured, findings
from harness.layers.load.slo import Profile, find_profile, read_profile
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.target.instance import Instance

#: A run that lacks more of its time than this, in seconds and as a share, was cut short, whatever Locust's
#: exit code says. Starting and stopping users takes some of it.
_MISSING_SECONDS, _MISSING_SHARE = 2.0, 0.1


class LoadEngine:
    """Implements harness.plan.engine.Engine."""

    layer = Layer.LOAD

    def produces(self, profile: str) -> frozenset[str]:
        """Return the requirements it can judge; both belong to the core profile."""
        return frozenset({LATENCY, ERRORS}) if Rubric(profile) is Rubric.CORE else frozenset()

    def idle_reason(self, instance: Instance) -> str:
        """The profile that is taken when none is named asks for paths of the core contracts."""
        is_core = instance.target.profile is Rubric.CORE
        return "" if is_core or instance.target.load_profile else "the target file names no `load_profile`"

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Put a little load on a good and on a bad service."""
        return told_apart(scratch)

    def run(self, assignment: Assignment) -> LayerReport:
        """Drive the profile within the consent; never raises for what the target does."""
        allowed = assignment.instance.target.consent.load_rps
        if allowed <= 0:
            return LayerReport(completion=Completion.SKIPPED, detail="the target file consents to no load")
        profile = read_profile(find_profile(assignment.instance.target.load_profile))
        volume = profile.volumes[assignment.depth]
        drive = volume_for(
            min(volume.requests_per_second, float(allowed)), min(volume.seconds, assignment.seconds * 0.6)
        )
        assignment.progress(
            f"{drive.users * drive.rate_per_user:.0f} requests a second for {drive.seconds:.0f} s"
        )
        ended, folder = _drive(assignment, profile, drive)
        report = _account(assignment, ended, drive)
        if ended.series:
            measured = _measured(assignment, ended, drive, folder)
            found = tuple(findings(profile.objectives, measured, seed=assignment.seed))
            for finding in _confirmed(assignment, profile, drive, found):
                _emit(assignment, finding)
        return report


ENGINE = LoadEngine()


def _confirmed(
    assignment: Assignment, profile: Profile, drive: Drive, found: Sequence[Finding]
) -> Iterator[Finding]:
    """Measure once more where an objective was missed: a busy moment of the machine is no fault."""
    if all(item.outcome is not Outcome.FAIL for item in found):
        yield from found
        return
    assignment.progress("an objective was missed: measuring once more")
    ended, folder = _drive(assignment, profile, drive, name="locust-again")
    again: dict[tuple[str, str], Finding] = {}
    if ended.series:
        measured = _measured(assignment, ended, drive, folder)
        second = findings(profile.objectives, measured, seed=assignment.seed)
        again = {(item.requirement, item.subject): item for item in second}
    for finding in found:
        repeated = again.get((finding.requirement, finding.subject))
        yield confirmed(finding, repeated, instead="the second measurement gave nothing")


def _drive(
    assignment: Assignment, profile: Profile, drive: Drive, *, name: str = "locust"
) -> tuple[Ended, Path]:
    instance = assignment.instance
    folder = assignment.scratch / name
    environ = {"HARNESS_LOAD_SECRETS": json.dumps(_secrets(assignment))}
    if "webhook" in instance.stubs:
        environ["LOAD_WEBHOOK_URL"] = f"{instance.stubs['webhook'].rstrip('/')}/load"
    generating = Generating(folder=folder, log=assignment.logs / "load.log", redact=assignment.redactor.bytes)
    ended = generating.run(
        profile.locustfile.resolve(),
        instance.direct_url.rstrip("/"),
        drive,
        environ=environ,
        limit=assignment.seconds,
    )
    return ended, folder


def _secrets(assignment: Assignment) -> list[str]:
    return [value for session in assignment.instance.sessions.values() for value in session.headers.values()]


def _account(assignment: Assignment, ended: Ended, drive: Drive) -> LayerReport:
    """Say how the run went; Locust exits 0 even when it was interrupted, so its time is what counts."""
    if ended.interrupted:
        return LayerReport(completion=Completion.INTERRUPTED, detail="interrupted")
    if ended.timed_out:
        return LayerReport(completion=Completion.TIMED_OUT, detail="Locust did not end by itself")
    tail = log_tail(assignment.logs / "load.log", 3)
    if ended.series is None:
        return LayerReport(completion=Completion.CRASHED, detail=f"Locust left no counts. {tail}".strip())
    if drive.seconds - ended.seconds > max(_MISSING_SECONDS, _MISSING_SHARE * drive.seconds):
        return LayerReport(
            completion=Completion.INTERRUPTED,
            detail=f"it ran {ended.seconds:.0f} of {drive.seconds:.0f} s",
        )
    requests = sum(item.requests for item in ended.series.values())
    if not requests:
        return LayerReport(
            completion=Completion.NOTHING_RAN, detail=f"no request after the warm-up. {tail}".strip()
        )
    return LayerReport(
        completion=Completion.COMPLETED,
        counts={
            "requests": requests,
            "errors": sum(item.errors for item in ended.series.values()),
        },
    )


def _measured(assignment: Assignment, ended: Ended, drive: Drive, folder: Path) -> Measured:
    samples: dict[str, list[str]] = {}
    errors: dict[str, list[str]] = {}
    for record in _keep_samples(folder, assignment.exchanges):
        name, identity = record.get("step", ""), record["id"]
        samples.setdefault(name, []).append(identity)
        if "response" not in record or record["response"]["status"] >= 400 or "notes" in record:
            errors.setdefault(name, []).append(identity)
    series = ended.series or {}
    counts = {
        name: {"requests": item.requests, "errors": item.errors, "buckets": item.buckets}
        for name, item in sorted(series.items())
    }
    content = json.dumps(
        {
            "seconds": ended.seconds,
            "cpu_percent": ended.cpu_percent,
            "others": ended.others,
            "series": counts,
        },
        sort_keys=True,
    )
    return Measured(
        series=series,
        generator=Generator(
            cpu_percent=ended.cpu_percent,
            others=ended.others,
            users=drive.users,
            rate_per_user=drive.rate_per_user,
            seconds=ended.seconds,
            warned=ended.warned,
        ),
        samples={name: tuple(ids) for name, ids in samples.items()},
        errors={name: tuple(ids) for name, ids in errors.items()},
        attachments=(assignment.attach(content.encode(), "application/json"),),
    )


def _keep_samples(folder: Path, exchanges: Path | None) -> Iterator[Mapping[str, Any]]:
    """Copy the samples, redacted when they were taken, to the run's exchanges: no recorder sees the load.

    Each measurement numbers its samples from 1, so those of a second one get names of their own.
    """
    again = folder.name.removeprefix("locust")
    writer = LineWriter(exchanges) if exchanges is not None else None
    for sample in read_lines(folder / "samples.ndjson"):
        layer, _, number = sample["id"].rpartition("-")
        record = {**sample, "id": f"{layer}{again}-{number}"}
        if writer is not None:
            writer.append(record)
        yield record
    if writer is not None:
        writer.close()


def _emit(assignment: Assignment, finding: Finding) -> None:
    planned = any(
        (item.requirement, item.subject) == (finding.requirement, finding.subject)
        and item.skip is None
        and not item.not_applicable
        for item in assignment.plan.subjects
    )
    if planned:
        assignment.emit(finding)
