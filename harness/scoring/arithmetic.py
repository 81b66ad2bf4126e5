"""The arithmetic of an area, exact in fractions: lower bound, upper bound and measured share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from harness.core.maturity import RequirementResult, SubjectResult
from harness.core.outcome import Outcome, dominant
from harness.core.requirement import EvidenceKind, Requirement, Weight
from harness.core.shares import area_shares

FULL_SCORE = Fraction(10)
#: Of the ten points, what reading texts can give at most: a document proves no behaviour.
DOCUMENT_CAP = Fraction(3)
CRITICAL_FACTOR = Fraction(4, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """L and U on 0..10 and the measured share on 0..1."""

    low: Fraction
    high: Fraction
    measured: Fraction


#: What is known of an area of which nothing applies: nothing.
UNKNOWN = Bounds(low=Fraction(0), high=FULL_SCORE, measured=Fraction(0))


def requirement_result(requirement: Requirement, subjects: Sequence[SubjectResult]) -> RequirementResult:
    """Return what a requirement counts: the mean over applicable subjects; critical is all or nothing."""
    applicable = _applicable(subjects)
    passed = sum(item.outcome is Outcome.PASS for item in applicable)
    failed = sum(item.outcome is Outcome.FAIL for item in applicable)
    low = high = Fraction(0)
    if applicable:
        low = Fraction(passed, len(applicable))
        high = Fraction(len(applicable) - failed, len(applicable))
    if requirement.weight is Weight.CRITICAL:
        low = Fraction(int(low == 1))
        high = Fraction(int(high == 1))
    return RequirementResult(
        requirement=requirement,
        low=low,
        high=high,
        outcome=dominant(item.outcome for item in applicable) if applicable else Outcome.NOT_APPLICABLE,
        subjects=tuple(subjects),
    )


def area_bounds(results: Sequence[RequirementResult]) -> Bounds:
    """Return an area's bounds; weights are fixed over what applies, whatever was measured of it."""
    applicable = [item for item in results if item.outcome is not Outcome.NOT_APPLICABLE]
    if not applicable:
        return UNKNOWN
    shares = area_shares([item.requirement for item in applicable])
    low = _points(applicable, shares, lambda item: item.low)
    high = _points(applicable, shares, lambda item: item.high)
    critical = [item for item in applicable if item.requirement.weight is Weight.CRITICAL]
    if any(item.outcome is not Outcome.PASS for item in critical):
        low *= CRITICAL_FACTOR
    if any(item.outcome is Outcome.FAIL for item in critical):
        high *= CRITICAL_FACTOR
    measured = sum(
        (share * _measured(item) for item, share in zip(applicable, shares, strict=True)), Fraction(0)
    )
    return Bounds(low=low, high=high, measured=measured)


def _points(
    applicable: Sequence[RequirementResult],
    shares: Sequence[Fraction],
    value: Callable[[RequirementResult], Fraction],
) -> Fraction:
    points = {EvidenceKind.BEHAVIOUR: Fraction(0), EvidenceKind.DOCUMENT: Fraction(0)}
    for item, share in zip(applicable, shares, strict=True):
        points[item.requirement.evidence] += FULL_SCORE * share * value(item)
    return points[EvidenceKind.BEHAVIOUR] + min(points[EvidenceKind.DOCUMENT], DOCUMENT_CAP)


def _measured(result: RequirementResult) -> Fraction:
    applicable = _applicable(result.subjects)
    return Fraction(sum(item.outcome.is_conclusive for item in applicable), len(applicable))


def _applicable(subjects: Sequence[SubjectResult]) -> tuple[SubjectResult, ...]:
    return tuple(item for item in subjects if item.outcome is not Outcome.NOT_APPLICABLE)
