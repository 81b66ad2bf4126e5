"""Clean runs with many seeds: what fails in some of them and not in all is a false alarm of the harness."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.statistics import wilson

CLEAN_RUNS_SCHEMA = "clean-runs/1"

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanRun:
    """What one clean run said: what it judged conclusively and what of that failed."""

    seed: int
    judged: frozenset[Cell]
    failed: frozenset[Cell]
    is_complete: bool


def clean_run(seed: int, scored: ScoredRun) -> CleanRun:
    """Read a scored run."""
    outcomes = {
        (result.requirement.id, subject.subject): subject.outcome
        for area in scored.maturity.areas
        for result in area.requirements
        for subject in result.subjects
    }
    conclusive = {Outcome.PASS, Outcome.FAIL}
    return CleanRun(
        seed=seed,
        judged=frozenset(cell for cell, outcome in outcomes.items() if outcome in conclusive),
        failed=frozenset(cell for cell, outcome in outcomes.items() if outcome is Outcome.FAIL),
        is_complete=scored.run.is_complete,
    )


def standing(runs: Sequence[CleanRun]) -> frozenset[Cell]:
    """Return what failed every time it was judged, at least twice: a finding, not an alarm."""
    judged = Counter(cell for run in runs for cell in run.judged)
    failed = Counter(cell for run in runs for cell in run.failed)
    return frozenset(cell for cell, number in failed.items() if number == judged[cell] and number > 1)


def false_fails(runs: Sequence[CleanRun]) -> Mapping[int, frozenset[Cell]]:
    """Return, by seed, what failed then and not every time."""
    findings = standing(runs)
    return {run.seed: run.failed - findings for run in runs}


def clean_runs(seeds: Sequence[int], measure: Callable[[int], ScoredRun]) -> Mapping[str, Any]:
    """Run the clean target once per seed and count; returns the published record."""
    return record([clean_run(seed, measure(seed)) for seed in seeds])


def record(runs: Sequence[CleanRun]) -> Mapping[str, Any]:
    """Return the published record: per run and per requirement, each with its denominator."""
    false = false_fails(runs)
    alarmed = sum(bool(cells) for cells in false.values())
    judged = sum(len(run.judged) for run in runs)
    wrong = sum(len(cells) for cells in false.values())
    return {
        "schema": CLEAN_RUNS_SCHEMA,
        "runs": len(runs),
        "incomplete": sorted(run.seed for run in runs if not run.is_complete),
        "runs_with_a_false_fail": alarmed,
        "share_of_runs": [round(edge, 4) for edge in wilson(alarmed, len(runs))],
        "subjects_judged": judged,
        "false_fails": wrong,
        "share_of_subjects": [round(edge, 6) for edge in wilson(wrong, judged)],
        "requirements": _requirements(runs, false),
        "standing": [list(cell) for cell in sorted(standing(runs))],
    }


def _requirements(
    runs: Sequence[CleanRun], false: Mapping[int, frozenset[Cell]]
) -> Mapping[str, Mapping[str, Any]]:
    judged = Counter(requirement for run in runs for requirement, _ in run.judged)
    wrong = Counter(requirement for cells in false.values() for requirement, _ in cells)
    return {
        name: {"judged": judged[name], "false_fails": number, "seeds": _seeds(name, false)}
        for name, number in sorted(wrong.items())
    }


def _seeds(requirement: str, false: Mapping[int, frozenset[Cell]]) -> list[int]:
    return sorted(seed for seed, cells in false.items() if any(name == requirement for name, _ in cells))
