"""Dose and response: the more defects are switched on at once, the lower the score must be, in the mean."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import fmean
from typing import Any

from harness.core.maturity import ScoredRun
from harness.proving.defects import Defect

DOSE_SCHEMA = "dose-response/1"
DOSES = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which defects are switched on together."""

    number: int
    dose: int
    defects: tuple[str, ...]


def draws(defects: Sequence[Defect], *, seed: int, times: int) -> tuple[Draw, ...]:
    """Return what to switch on: each draw adds to its own smaller doses, so that it is one experiment."""
    found: list[Draw] = []
    for number in range(times):
        shuffled = [item.id for item in defects]
        random.Random(f"{seed}:{number}").shuffle(shuffled)  # noqa: S311 - a draw, no secret
        found.extend(
            Draw(number=number, dose=dose, defects=tuple(shuffled[:dose]))
            for dose in DOSES
            if dose and dose <= len(shuffled)
        )
    return tuple(found)


def overall_low(scored: ScoredRun) -> Fraction:
    """Return the mean L of the eight areas, also where a report would withhold it."""
    lows = [area.low for area in scored.maturity.areas]
    return Fraction(sum(lows), len(lows))


def respond(
    chosen: Sequence[Draw], clean: ScoredRun, measure: Callable[[Draw], ScoredRun]
) -> Mapping[str, Any]:
    """Measure each draw and return the published record."""
    points: dict[int, list[float]] = {0: [float(overall_low(clean))]}
    rows = []
    for draw in chosen:
        low = float(overall_low(measure(draw)))
        points.setdefault(draw.dose, []).append(low)
        rows.append(
            {"draw": draw.number, "dose": draw.dose, "defects": list(draw.defects), "low": round(low, 3)}
        )
    means = {dose: fmean(lows) for dose, lows in sorted(points.items())}
    return {
        "schema": DOSE_SCHEMA,
        "draws": rows,
        "means": {str(dose): round(mean, 3) for dose, mean in means.items()},
        "is_monotone": is_falling(list(means.values())),
    }


def is_falling(values: Sequence[float]) -> bool:
    """Whether each value is lower than the one before."""
    return all(later < earlier for earlier, later in pairwise(values))
