"""The gates a run is asked to hold; kept in run.json, so that scoring it again ends in the same verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What passed in an earlier complete run: each requirement and subject of it must not fail now."""

    run: str
    target: str
    rubric_hash: str
    passed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratchet:
    """The landed lower bound of each area: what was reached once is not given up."""

    target: str
    rubric_hash: str
    floors: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What must hold for exit code 0.

    `fail_on_severity` is the least severity at which advice fails a run, too; empty is none.
    `expected_failures` map `requirement subject` to reason and owner; those in `expired` excused until a day
    that is over, and are kept to be named.
    """

    fail_under: Mapping[str, float] = field(default_factory=dict)
    min_level: str = ""
    fail_on_inconclusive: bool = False
    fail_on_severity: str = ""
    expected_failures: Mapping[str, str] = field(default_factory=dict)
    expired: Mapping[str, str] = field(default_factory=dict)
    baseline: Baseline | None = None
    ratchet: Ratchet | None = None


def gates_to_json(gates: Gates) -> dict[str, Any]:
    """Return the JSON form that run.json carries; a gate that is not set is left out where it is optional."""
    record: dict[str, Any] = {
        "fail_under": dict(gates.fail_under),
        "min_level": gates.min_level,
        "fail_on_inconclusive": gates.fail_on_inconclusive,
        "expected_failures": dict(gates.expected_failures),
    }
    if gates.fail_on_severity:
        record["fail_on_severity"] = gates.fail_on_severity
    if gates.expired:
        record["expired"] = dict(gates.expired)
    if (baseline := gates.baseline) is not None:
        record["baseline"] = {
            "run": baseline.run,
            "target": baseline.target,
            "rubric_hash": baseline.rubric_hash,
            "passed": [list(cell) for cell in baseline.passed],
        }
    if (ratchet := gates.ratchet) is not None:
        record["ratchet"] = {
            "target": ratchet.target,
            "rubric_hash": ratchet.rubric_hash,
            "floors": dict(ratchet.floors),
        }
    return record


def gates_from_json(record: Mapping[str, Any]) -> Gates:
    """Read the JSON form back; raises KeyError or TypeError on a record of another shape."""
    plain = {name: value for name, value in record.items() if name not in {"baseline", "ratchet"}}
    baseline, ratchet = record.get("baseline"), record.get("ratchet")
    return Gates(
        **plain,
        baseline=None
        if baseline is None
        else Baseline(
            run=baseline["run"],
            target=baseline["target"],
            rubric_hash=baseline["rubric_hash"],
            passed=tuple((requirement, subject) for requirement, subject in baseline["passed"]),
        ),
        ratchet=None if ratchet is None else Ratchet(**ratchet),
    )
