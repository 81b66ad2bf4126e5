"""What reports say of a run's past: what changed, why a score moved, and the numbers of earlier runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from harness.core.area import Area
from harness.core.figures import one_decimal
from harness.core.history import AreaPoint, Change, ChangeKind, Entry, Movement, Past
from harness.core.maturity import ScoredRun

KIND_WORDS: Mapping[ChangeKind, str] = {
    ChangeKind.NEW_FAILURE: "new failures",
    ChangeKind.FIXED: "fixed",
    ChangeKind.UNMEASURED: "no longer measured",
    ChangeKind.MEASURED: "measured now, and passed",
    ChangeKind.APPEARED: "asked for the first time",
    ChangeKind.VANISHED: "no longer asked for",
}
#: The kinds a reader wants one by one; the others are counted.
LISTED = (ChangeKind.NEW_FAILURE, ChangeKind.FIXED, ChangeKind.UNMEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run in a trend; `low` is None where the run stated no number."""

    run: str
    started: str
    low: Fraction | None
    high: Fraction | None


def by_kind(changes: Sequence[Change]) -> Mapping[ChangeKind, tuple[Change, ...]]:
    """Return the changes under their kinds, every kind named."""
    return {kind: tuple(change for change in changes if change.kind is kind) for kind in ChangeKind}


def told_by_kind(changes: Sequence[Change]) -> str:
    """Return e.g. `2 new failures, 1 fixed`."""
    counted = [(len(found), KIND_WORDS[kind]) for kind, found in by_kind(changes).items() if found]
    return ", ".join(f"{number} {words}" for number, words in counted) or "no subject has another outcome"


def signed(value: Fraction) -> str:
    """Return points with their sign, rounded towards nothing: `+0.4`, `-1.2`, `0.0`."""
    tenths = one_decimal(abs(value))
    if tenths == "0.0":
        return "0.0"
    return f"{'-' if value < 0 else '+'}{tenths}"


def moved(past: Past) -> tuple[Movement, ...]:
    """Return the areas whose lower bound moved, or would have but for parts that cancel out."""
    return tuple(item for item in past.movements if any((item.code, item.measured, item.scope)))


def reasons(movement: Movement, *, is_same_rubric: bool) -> str:
    """Return to what a movement is due, e.g. `code +0.4, measured share -0.1`."""
    scope = "subjects asked for" if is_same_rubric else "rubric"
    parts = (("code", movement.code), ("measured share", movement.measured), (scope, movement.scope))
    told = [(name, signed(value)) for name, value in parts if value]
    if told and all(points == "0.0" for _, points in told):
        return "less than 0.1"
    return ", ".join(f"{name} {points}" for name, points in told if points != "0.0") or "nothing"


def whole(past: Past) -> Movement:
    """Return the movement of the mean over the areas."""
    number = len(past.movements)

    def mean(values: Sequence[Fraction]) -> Fraction:
        return sum(values, Fraction(0)) / number

    return Movement(
        area="overall",
        before=mean([item.before for item in past.movements]),
        after=mean([item.after for item in past.movements]),
        code=mean([item.code for item in past.movements]),
        measured=mean([item.measured for item in past.movements]),
        scope=mean([item.scope for item in past.movements]),
    )


def area_trend(scored: ScoredRun, area: Area) -> tuple[Point, ...]:
    """Return an area's bounds over the runs, this one last."""
    entries = scored.past.entries if scored.past else ()
    now = next(item for item in scored.maturity.areas if item.area is area)
    earlier = [_point(entry, entry.areas[area.value]) for entry in entries if area.value in entry.areas]
    return (*earlier, Point(run=scored.run.id, started=scored.run.started, low=now.low, high=now.high))


def overall_trend(scored: ScoredRun) -> tuple[Point, ...]:
    """Return the overall bounds over the runs, this one last; a run that stated none is a gap."""
    entries = scored.past.entries if scored.past else ()
    maturity = scored.maturity
    now = Point(run=scored.run.id, started=scored.run.started, low=maturity.low, high=maturity.high)
    return (*(_point(entry, entry) for entry in entries), now)


def _point(entry: Entry, bounds: Entry | AreaPoint) -> Point:
    return Point(run=entry.run, started=entry.started, low=bounds.low, high=bounds.high)
