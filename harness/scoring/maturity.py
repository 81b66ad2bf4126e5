"""From a run and its findings to the maturity report in types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from harness.core.area import Area, Level
from harness.core.figures import percent
from harness.core.finding import Finding
from harness.core.maturity import AreaScore, Maturity, RequirementResult, SubjectResult
from harness.core.outcome import Outcome
from harness.core.requirement import Profile, Requirement
from harness.core.run import RunRecord
from harness.scoring.arithmetic import area_bounds, requirement_result
from harness.scoring.weighing import settle, weigh

#: Below this share nothing is said about the whole.
LEAST_MEASURED = Fraction(60, 100)


def score(run: RunRecord, requirements: Sequence[Requirement], findings: Iterable[Finding]) -> Maturity:
    """Return the maturity report; `requirements` are those that give points, planned or not."""
    weighed = weigh(run, settle(run, findings))
    results = [
        requirement_result(item, subjects)
        for item in sorted(requirements, key=lambda item: item.id)
        if (subjects := weighed.get(item.id) or _implied(item, run))
    ]
    areas = tuple(
        _area_score(area, [item for item in results if item.requirement.area is area], run) for area in Area
    )
    measured = sum((area.measured for area in areas), Fraction(0)) / len(areas)
    withheld = _withheld(run, measured)
    return Maturity(
        areas=areas,
        measured=measured,
        level=None if withheld else min((area.level for area in areas), key=lambda level: level.rank),
        low=None if withheld else sum((area.low for area in areas), Fraction(0)) / len(areas),
        high=None if withheld else sum((area.high for area in areas), Fraction(0)) / len(areas),
        withheld=withheld,
    )


def _implied(requirement: Requirement, run: RunRecord) -> tuple[SubjectResult, ...]:
    """Return what stands for a requirement that binds the target and was never planned: nothing measured.

    A run cut short before its plan, or a plan with a hole, must not score higher for it.
    """
    if requirement.profile is Profile.CORE and run.profile != Profile.CORE:
        return ()
    return (
        SubjectResult(subject="target", outcome=Outcome.INCONCLUSIVE, reason="never-planned", findings=()),
    )


def _withheld(run: RunRecord, measured: Fraction) -> str:
    if run.is_partial:
        return "the run was partial by choice"
    if measured < LEAST_MEASURED:
        return f"{percent(measured)} % measured, {percent(LEAST_MEASURED)} % are needed"
    return ""


def _area_score(area: Area, results: Sequence[RequirementResult], run: RunRecord) -> AreaScore:
    bounds = area_bounds(results)
    standing = standing_of(results)
    proven = proven_by(results, run.detection)
    claim: Mapping[str, Any] = run.claims.get(area.value, {})
    return AreaScore(
        area=area,
        low=bounds.low,
        high=bounds.high,
        measured=bounds.measured,
        level=standing.level,
        blocked_by=standing.blocked_by,
        requirements=tuple(results),
        confidence=proven.confidence,
        unproven=proven.unproven,
        claimed_score=claim.get("score"),
        claimed_level=claim.get("level", ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The level an area holds and the MUST requirements that keep it from the next one."""

    level: Level
    blocked_by: tuple[str, ...]


def standing_of(results: Sequence[RequirementResult]) -> Standing:
    """Return the highest level up to which every MUST passes on all subjects; without a MUST, none."""
    musts = [item for item in results if item.requirement.must and item.outcome is not Outcome.NOT_APPLICABLE]
    held = Level.INITIAL
    if not musts:
        return Standing(level=held, blocked_by=())
    for level in (Level.DEVELOPING, Level.MATURE, Level.ADVANCED):
        blocking = tuple(
            item.requirement.id
            for item in musts
            if item.requirement.level.rank <= level.rank and item.outcome is not Outcome.PASS
        )
        if blocking:
            return Standing(level=held, blocked_by=blocking)
        held = level
    return Standing(level=held, blocked_by=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """How far an area's checks are proven: their detection rate, and what no defect ever turned red."""

    confidence: Fraction | None
    unproven: tuple[str, ...]


def proven_by(results: Sequence[RequirementResult], detection: Mapping[str, Any]) -> Proven:
    """Return the applicable requirements' mean detection rate by weight; an unproven one counts nothing."""
    known: Mapping[str, Mapping[str, int]] = detection.get("requirements", {})
    applicable = [item.requirement for item in results if item.outcome is not Outcome.NOT_APPLICABLE]
    rates = {item.id: _rate(known.get(item.id)) for item in applicable}
    unproven = tuple(sorted(name for name, rate in rates.items() if not rate))
    if len(unproven) == len(rates):
        return Proven(confidence=None, unproven=unproven)
    whole = sum((item.weight.points for item in applicable), Fraction(0))
    shown = sum((item.weight.points * rates[item.id] for item in applicable), Fraction(0))
    return Proven(confidence=shown / whole, unproven=unproven)


def _rate(row: Mapping[str, int] | None) -> Fraction:
    return Fraction(row["caught"], row["defects"]) if row and row["defects"] else Fraction(0)
