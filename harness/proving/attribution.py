"""Says of one defect whether it was caught and, when it was missed, which part missed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.core.finding import Finding
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.proving.defects import Defect


class Cell(StrEnum):
    """One cell of the detection matrix. A miss names the part that is to blame."""

    CAUGHT = "caught"
    CRASHED = "killed-by-crash"
    MISSED_GENERATOR = "missed-by-generator"
    MISSED_ORACLE = "missed-by-oracle"
    MISSED_REPORTER = "missed-by-reporter"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A defect's counters, summed over the layers of a run."""

    applied: bool
    reached: int
    triggered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What one defective run showed. `also_failed` are requirements that the defect does not name."""

    cell: Cell
    layers: tuple[str, ...]
    failed: tuple[str, ...]
    also_failed: tuple[str, ...]
    switch: Switch


def failures(scored: ScoredRun) -> Mapping[tuple[str, str], tuple[Finding, ...]]:
    """Return the failing subjects of a run with the findings that failed them."""
    return {
        (result.requirement.id, subject.subject): tuple(
            item for item in subject.findings if item.outcome is Outcome.FAIL
        )
        for area in scored.maturity.areas
        for result in area.requirements
        for subject in result.subjects
        if subject.outcome is Outcome.FAIL
    }


def new_failures(clean: ScoredRun, other: ScoredRun) -> Mapping[tuple[str, str], tuple[Finding, ...]]:
    """Return what fails in a run and not in the clean one of the same layers and depth."""
    before = set(failures(clean))
    return {cell: found for cell, found in failures(other).items() if cell not in before}


def attribute(defect: Defect, clean: ScoredRun, defective: ScoredRun) -> Attribution:
    """Compare a defective run with the clean one; only what the clean run did not fail counts as caught."""
    new = new_failures(clean, defective)
    right = {cell: found for cell, found in new.items() if cell[0] in defect.breaks}
    switch = _switch(defect, defective)
    return Attribution(
        cell=_cell(defect, right=bool(right), switch=switch, defective=defective),
        layers=tuple(sorted({item.layer.value for found in right.values() for item in found})),
        failed=tuple(sorted({requirement for requirement, _ in right})),
        also_failed=tuple(sorted({requirement for requirement, _ in new} - set(defect.breaks))),
        switch=switch,
    )


def _cell(defect: Defect, *, right: bool, switch: Switch, defective: ScoredRun) -> Cell:
    if right:
        return Cell.CAUGHT
    crashed = any(layer.completion == "crashed" for layer in defective.run.layers.values())
    if crashed:
        return Cell.CRASHED
    if not switch.applied:
        return Cell.ERROR
    if switch.triggered == 0:
        return Cell.MISSED_GENERATOR
    reported = any(
        item.requirement in defect.breaks and item.outcome is Outcome.FAIL for item in defective.findings
    )
    return Cell.MISSED_REPORTER if reported else Cell.MISSED_ORACLE


def _switch(defect: Defect, scored: ScoredRun) -> Switch:
    seen = [
        counters
        for layer in scored.run.layers.values()
        for name, counters in layer.switches.items()
        if name.split(":")[0] == defect.id
    ]
    return Switch(
        applied=any(item["applied"] for item in seen),
        reached=sum(item["reached"] for item in seen),
        triggered=sum(item["triggered"] for item in seen),
    )


def false_alarms(clean: ScoredRun, twin: ScoredRun) -> tuple[str, ...]:
    """Return the requirements that a clean twin failed: it behaves, so every new failure is a false alarm."""
    return tuple(sorted({requirement for requirement, _ in new_failures(clean, twin)}))
