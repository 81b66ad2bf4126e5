"""From findings to one outcome per planned subject: trust, dominance, and what was never judged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.core.finding import Finding, finding_to_json
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.maturity import SubjectResult
from harness.core.outcome import Outcome, dominant
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.run import LayerRecord, RunRecord

COMPLETED = "completed"
#: The producer of findings that no check made: planned and skipped, not applicable, never judged.
PLAN_PRODUCER = "plan"
NEVER_JUDGED = "never-judged"
CANARY_FAILED = "canary-failed"
#: What the owner or the user of this run left out stays open, although something may have judged it.
_WHATEVER_IS_SEEN = frozenset({SkipReason.EXEMPT, SkipReason.REQUIREMENT_NOT_SELECTED})

Cell = tuple[str, str]


def settle(run: RunRecord, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return every finding as it counts, in canonical order; settling twice changes nothing.

    Findings of a layer that cannot be trusted become errors, "not applicable" is taken from the plan alone,
    and each planned subject that nobody judged gets an inconclusive finding that says why.
    """
    cells = {(item.requirement, item.subject): item for item in run.subjects}
    settled = [_as_it_counts(finding, run, cells) for finding in findings]
    judged = {(finding.requirement, finding.subject) for finding in settled}
    for cell, planned in cells.items():
        settled.extend(_of_the_plan(planned, run, is_judged=cell in judged))
    return tuple(_distinct(sorted(settled, key=lambda item: _canonical_key(item, run.target))))


def weigh(run: RunRecord, settled: Sequence[Finding]) -> Mapping[str, tuple[SubjectResult, ...]]:
    """Return the planned subjects by requirement; findings on anything unplanned are left aside."""
    by_cell: dict[Cell, list[Finding]] = {}
    for finding in settled:
        by_cell.setdefault((finding.requirement, finding.subject), []).append(finding)
    weighed: dict[str, list[SubjectResult]] = {}
    for planned in sorted(set(run.subjects), key=lambda item: (item.requirement, item.subject)):
        found = by_cell.get((planned.requirement, planned.subject), [])
        weighed.setdefault(planned.requirement, []).append(_result(planned, found))
    return {name: tuple(results) for name, results in weighed.items()}


def distrust(layer: Layer, record: LayerRecord | None) -> str:
    """Return the reason why a layer's findings do not stand, or nothing.

    Probes and judges keep no record of their own: a judge that fails its canary says so in its findings.
    """
    if record is None:
        return "layer-not-completed" if layer in ENGINE_LAYERS else ""
    if record.completion != COMPLETED:
        return f"layer-{record.completion}"
    return "" if record.told_apart else CANARY_FAILED


def _as_it_counts(finding: Finding, run: RunRecord, cells: Mapping[Cell, PlannedSubject]) -> Finding:
    if finding.outcome is Outcome.ERROR or finding.producer == PLAN_PRODUCER:
        return finding
    if reason := distrust(finding.layer, run.layers.get(finding.layer.value)):
        return _as_error(finding, reason)
    planned = cells.get((finding.requirement, finding.subject))
    if finding.outcome is Outcome.NOT_APPLICABLE and not (planned and planned.not_applicable):
        return replace(finding, outcome=Outcome.INCONCLUSIVE)
    return finding


def _as_error(finding: Finding, reason: str) -> Finding:
    seen = f"{finding.outcome.value} ({finding.reason}): {finding.seen}".removesuffix(": ")
    return replace(finding, outcome=Outcome.ERROR, reason=reason, seen=seen)


def _of_the_plan(planned: PlannedSubject, run: RunRecord, *, is_judged: bool) -> Iterable[Finding]:
    if planned.not_applicable:
        yield _plan_finding(planned, run, Outcome.NOT_APPLICABLE, "capability-absent", planned.not_applicable)
    elif planned.skip is not None:
        yield _plan_finding(planned, run, Outcome.INCONCLUSIVE, planned.skip.value, "")
    elif not is_judged:
        reason, seen = _why_never_judged(planned, run)
        yield _plan_finding(planned, run, Outcome.INCONCLUSIVE, reason, seen)


def _why_never_judged(planned: PlannedSubject, run: RunRecord) -> tuple[str, str]:
    """Return the reason code and a sentence; a layer that broke down explains its silence."""
    for name in run.producers.get(planned.requirement, ()):
        record = run.layers.get(name)
        if record is not None and record.completion != COMPLETED:
            return f"layer-{record.completion}", f"{name}: {record.detail or record.completion}"
        if record is None and name in ENGINE_LAYERS and not run.is_complete:
            return "layer-not-reached", f"{name}: the run ended before it"
    return NEVER_JUDGED, ""


def _plan_finding(
    planned: PlannedSubject, run: RunRecord, outcome: Outcome, reason: str, seen: str
) -> Finding:
    producers = run.producers.get(planned.requirement, ())
    layer = next((Layer(name) for name in producers if name in tuple(Layer)), Layer.PROBE)
    return Finding(
        requirement=planned.requirement,
        subject=planned.subject,
        outcome=outcome,
        reason=reason,
        layer=layer,
        producer=PLAN_PRODUCER,
        seen=seen,
    )


def _result(planned: PlannedSubject, findings: Sequence[Finding]) -> SubjectResult:
    outcome = _outcome(planned, findings)
    deciding = next((item.reason for item in findings if item.outcome is outcome), "")
    return SubjectResult(
        subject=planned.subject,
        outcome=outcome,
        reason=planned.skip.value if planned.skip and planned.skip in _WHATEVER_IS_SEEN else deciding,
        findings=tuple(findings),
    )


def _outcome(planned: PlannedSubject, findings: Sequence[Finding]) -> Outcome:
    outcome = dominant(finding.outcome for finding in findings)
    if planned.skip in _WHATEVER_IS_SEEN:
        return Outcome.INCONCLUSIVE
    if planned.not_applicable and outcome is not Outcome.FAIL:
        return Outcome.NOT_APPLICABLE
    return outcome


def _canonical_key(finding: Finding, target: str) -> tuple[str, ...]:
    record = json.dumps(finding_to_json(finding, target=target), sort_keys=True, ensure_ascii=False)
    return (finding.requirement, finding.subject, finding.layer.value, finding.producer, record)


def _distinct(ordered: Iterable[Finding]) -> Iterable[Finding]:
    previous: Finding | None = None
    for finding in ordered:
        if finding != previous:
            yield finding
        previous = finding
