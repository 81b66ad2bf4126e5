"""maturity.json: the scored run for machines, numbers both rounded down and exact."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from harness.core.figures import one_decimal, percent
from harness.core.maturity import AreaScore, RequirementResult, ScoredRun
from harness.reporting.openings import openings
from harness.reporting.protocol import Report
from harness.reporting.reading import counts, not_scored, unplanned, utf8
from harness.reporting.verdict import verdict_record

MATURITY_SCHEMA = "maturity/1"
_RUN_FIELDS = (
    "id", "target", "fingerprint", "profile", "base_url", "started", "finished", "interrupted", "depth",
    "seed", "is_partial", "rubric_version", "rubric_hash",
)  # fmt: skip


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return maturity.json."""
    text = json.dumps(maturity_record(scored), indent=1, ensure_ascii=False)
    return {"maturity.json": utf8(text + "\n")}


def maturity_record(scored: ScoredRun) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/maturity.schema.json)."""
    maturity = scored.maturity
    is_withheld = bool(maturity.withheld)
    return {
        "schema": MATURITY_SCHEMA,
        "run": {name: getattr(scored.run, name) for name in _RUN_FIELDS},
        "overall": {
            "level": maturity.level.value if maturity.level else None,
            "low": _points(maturity.low),
            "high": _points(maturity.high),
            "low_exact": _exact(maturity.low),
            "high_exact": _exact(maturity.high),
            "measured": percent(maturity.measured),
            "measured_exact": _exact(maturity.measured),
            "withheld": maturity.withheld,
        },
        "areas": [_area(area, is_withheld=is_withheld) for area in maturity.areas],
        "counts": {outcome.value: number for outcome, number in counts(scored).items()},
        "open": [
            {
                "reason": item.reason,
                "subjects": item.subjects,
                "share": percent(item.share),
                "advice": item.advice,
                "lines": list(item.lines),
            }
            for item in openings(scored)
        ],
        "not_scored": list(not_scored(scored)),
        "unplanned": [
            {
                "requirement": item.requirement,
                "subject": item.subject,
                "outcome": item.outcome.value,
                "reason": item.reason,
            }
            for item in unplanned(scored)
        ],
        "verdict": verdict_record(scored),
    }


def _area(area: AreaScore, *, is_withheld: bool) -> dict[str, Any]:
    claimed = None
    if area.claimed_score is not None:
        claimed = {"score": area.claimed_score, "level": area.claimed_level}
    return {
        "area": area.area.value,
        "label": area.area.label,
        "low": _points(area.low),
        "high": _points(area.high),
        "low_exact": _exact(area.low),
        "high_exact": _exact(area.high),
        "measured": percent(area.measured),
        "measured_exact": _exact(area.measured),
        "level": None if is_withheld else area.level.value,
        "blocked_by": list(area.blocked_by),
        "confidence": None if area.confidence is None else percent(area.confidence),
        "unproven": list(area.unproven),
        "claimed": claimed,
        "requirements": [_requirement(item) for item in area.requirements],
    }


def _requirement(item: RequirementResult) -> dict[str, Any]:
    requirement = item.requirement
    return {
        "id": requirement.id,
        "must": requirement.must,
        "weight": requirement.weight.value,
        "level": requirement.level.value,
        "evidence": requirement.evidence.value,
        "outcome": item.outcome.value,
        "low": _exact(item.low),
        "high": _exact(item.high),
        "subjects": [
            {"subject": subject.subject, "outcome": subject.outcome.value, "reason": subject.reason}
            for subject in item.subjects
        ],
    }


def _points(value: Fraction | None) -> float | None:
    return None if value is None else float(one_decimal(value))


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


REPORT = Report(id="json", title="Maturity (JSON)", render=render)
