"""A run as later runs remember it, and what two runs of one target have between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from harness.core.outcome import Outcome

HISTORY_SCHEMA = "history/1"

#: A requirement and a subject.
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPoint:
    """An area's bounds, measured share and level in one run; no level where the run stated none."""

    low: Fraction
    high: Fraction
    measured: Fraction
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One complete run: how it stood, and the outcome of every planned subject.

    `requirements` are worst outcomes, `failing` fingerprints; `cells` is empty where only the trend is kept.
    """

    run: str
    started: str
    target: str
    version: str
    profile: str
    depth: str
    rubric_version: str
    rubric_hash: str
    exit_code: int
    level: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    measured: Fraction
    areas: Mapping[str, AreaPoint]
    requirements: Mapping[str, Outcome]
    failing: tuple[str, ...]
    cells: Mapping[Cell, Outcome] = field(default_factory=dict)


class ChangeKind(StrEnum):
    """What became of a subject between two runs."""

    NEW_FAILURE = "new-failure"
    FIXED = "fixed"
    UNMEASURED = "unmeasured"
    MEASURED = "measured"
    APPEARED = "appeared"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One subject whose outcome is another one now; None is: not planned, or not applicable."""

    kind: ChangeKind
    requirement: str
    subject: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Why a lower bound moved; the three parts add up to the difference.

    `code` where answers changed, `measured` where more or less could be judged, `scope` where other
    requirements or subjects are asked for (another rubric, another document).
    """

    area: str
    before: Fraction
    after: Fraction
    code: Fraction
    measured: Fraction
    scope: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The earlier runs of the target, oldest first, and how this one differs from the last of them."""

    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]
    movements: tuple[Movement, ...]
    is_same_rubric: bool

    @property
    def last(self) -> Entry:
        """The run that this one is compared with."""
        return self.entries[-1]


def changes_between(before: Mapping[Cell, Outcome], after: Mapping[Cell, Outcome]) -> tuple[Change, ...]:
    """Return what became of each subject whose outcome differs, in the order of requirement and subject."""
    found = []
    for cell in sorted({*before, *after}):
        earlier, now = _applicable(before.get(cell)), _applicable(after.get(cell))
        kind = _kind(earlier, now)
        if kind is not None:
            found.append(Change(kind=kind, requirement=cell[0], subject=cell[1], before=earlier, after=now))
    return tuple(found)


def _applicable(outcome: Outcome | None) -> Outcome | None:
    return None if outcome is Outcome.NOT_APPLICABLE else outcome


def _kind(before: Outcome | None, after: Outcome | None) -> ChangeKind | None:
    """A failure that is no longer measured is not fixed; an error and an inconclusive are both unmeasured."""
    if before is after:
        return None
    if after is Outcome.FAIL:
        return ChangeKind.NEW_FAILURE
    if before is None or after is None:
        return ChangeKind.APPEARED if before is None else ChangeKind.VANISHED
    if before.is_conclusive:
        return ChangeKind.FIXED if after is Outcome.PASS else ChangeKind.UNMEASURED
    return ChangeKind.MEASURED if after is Outcome.PASS else None


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/history.schema.json)."""
    record: dict[str, Any] = {
        "schema": HISTORY_SCHEMA,
        **{name: getattr(entry, name) for name in _PLAIN},
        "low": _text(entry.low),
        "high": _text(entry.high),
        "measured": str(entry.measured),
        "areas": {
            name: {
                "low": str(point.low),
                "high": str(point.high),
                "measured": str(point.measured),
                "level": point.level,
            }
            for name, point in entry.areas.items()
        },
        "requirements": {name: outcome.value for name, outcome in sorted(entry.requirements.items())},
        "failing": list(entry.failing),
    }
    if entry.cells:
        record["cells"] = _nested(entry.cells)
    return record


_PLAIN = (
    "run", "started", "target", "version", "profile", "depth", "rubric_version", "rubric_hash", "exit_code",
    "level",
)  # fmt: skip


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _nested(cells: Mapping[Cell, Outcome]) -> dict[str, dict[str, str]]:
    nested: dict[str, dict[str, str]] = {}
    for (requirement, subject), outcome in sorted(cells.items()):
        nested.setdefault(requirement, {})[subject] = outcome.value
    return nested


def entry_from_json(record: Mapping[str, Any]) -> Entry:
    """Read the JSON form back; raises KeyError, TypeError or ValueError on a record of another shape."""
    if record["schema"] != HISTORY_SCHEMA:
        raise ValueError(f"a record of {record['schema']!r}")
    return Entry(
        **{name: record[name] for name in _PLAIN},
        low=None if record["low"] is None else Fraction(record["low"]),
        high=None if record["high"] is None else Fraction(record["high"]),
        measured=Fraction(record["measured"]),
        areas={
            name: AreaPoint(
                low=Fraction(point["low"]),
                high=Fraction(point["high"]),
                measured=Fraction(point["measured"]),
                level=point["level"],
            )
            for name, point in record["areas"].items()
        },
        requirements={name: Outcome(outcome) for name, outcome in record["requirements"].items()},
        failing=tuple(record["failing"]),
        cells={
            (requirement, subject): Outcome(outcome)
            for requirement, subjects in record.get("cells", {}).items()
            for subject, outcome in subjects.items()
        },
    )
