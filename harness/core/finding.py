"""A finding: what one producer says about one subject of one requirement."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.core.layer import Layer
from harness.core.outcome import Outcome

FINDING_SCHEMA = "finding/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A number, its interval and the limit it is held against; the name carries the unit (`p95_ms`)."""

    value: float
    low: float
    high: float
    limit: float | None = None
    samples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The record that history, baseline, replay, SARIF and Allure hang on.

    `reason` is a stable code in kebab case ("status-undocumented", "no-consent"); `expected` and `seen` are
    sentences for people; `reproduction` is a shell line; `exchanges` are ids in exchanges.ndjson.
    """

    requirement: str
    subject: str
    outcome: Outcome
    reason: str
    layer: Layer
    producer: str
    expected: str = ""
    seen: str = ""
    exchanges: tuple[str, ...] = ()
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    attempts: int = 1
    reproduction: str = ""
    attachments: tuple[str, ...] = ()


def fingerprint(requirement: str, subject: str, target: str) -> str:
    """Return the id of "this requirement on this subject of this target", the same in every run."""
    return hashlib.sha256(f"{requirement}\x00{subject}\x00{target}".encode()).hexdigest()[:32]


def finding_to_json(finding: Finding, *, target: str) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/finding.schema.json)."""
    return {
        "schema": FINDING_SCHEMA,
        "fingerprint": fingerprint(finding.requirement, finding.subject, target),
        "requirement": finding.requirement,
        "subject": finding.subject,
        "outcome": finding.outcome.value,
        "reason": finding.reason,
        "layer": finding.layer.value,
        "producer": finding.producer,
        "expected": finding.expected,
        "seen": finding.seen,
        "exchanges": list(finding.exchanges),
        "measurements": {
            name: {
                "value": item.value,
                "low": item.low,
                "high": item.high,
                "limit": item.limit,
                "samples": item.samples,
            }
            for name, item in sorted(finding.measurements.items())
        },
        "attempts": finding.attempts,
        "reproduction": finding.reproduction,
        "attachments": list(finding.attachments),
    }


def finding_from_json(record: Mapping[str, Any]) -> Finding:
    """Read the JSON form back; raises KeyError or ValueError on a record of another shape."""
    return Finding(
        requirement=record["requirement"],
        subject=record["subject"],
        outcome=Outcome(record["outcome"]),
        reason=record["reason"],
        layer=Layer(record["layer"]),
        producer=record["producer"],
        expected=record.get("expected", ""),
        seen=record.get("seen", ""),
        exchanges=tuple(record.get("exchanges", ())),
        measurements={name: Measurement(**item) for name, item in record.get("measurements", {}).items()},
        attempts=record.get("attempts", 1),
        reproduction=record.get("reproduction", ""),
        attachments=tuple(record.get("attachments", ())),
    )
