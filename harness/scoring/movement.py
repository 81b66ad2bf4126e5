"""How a run stands against an earlier one: what changed, and to what each part of the difference is due."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from harness.core.finding import fingerprint
from harness.core.history import AreaPoint, Cell, Entry, Movement, Past, changes_between
from harness.core.maturity import AreaScore, Maturity, RequirementResult, SubjectResult, Verdict
from harness.core.outcome import Outcome
from harness.core.run import RunRecord
from harness.scoring.arithmetic import area_bounds, requirement_result

#: Whether the earlier outcome of a subject is taken instead of today's.
_Taken = Callable[[Outcome, Outcome], bool]

#: An area of which an earlier run knew nothing.
_UNKNOWN = AreaPoint(low=Fraction(0), high=Fraction(10), measured=Fraction(0))


def entry_of(run: RunRecord, maturity: Maturity, verdict: Verdict) -> Entry:
    """Return how a run is remembered."""
    cells = cells_of(maturity)
    is_withheld = bool(maturity.withheld)
    return Entry(
        run=run.id,
        started=run.started,
        target=run.target,
        version=run.fingerprint,
        profile=run.profile,
        depth=run.depth,
        rubric_version=run.rubric_version,
        rubric_hash=run.rubric_hash,
        exit_code=verdict.exit_code,
        level=maturity.level.value if maturity.level else "",
        low=maturity.low,
        high=maturity.high,
        measured=maturity.measured,
        areas={
            area.area.value: AreaPoint(
                low=area.low,
                high=area.high,
                measured=area.measured,
                level="" if is_withheld else area.level.value,
            )
            for area in maturity.areas
        },
        requirements={
            result.requirement.id: result.outcome for area in maturity.areas for result in area.requirements
        },
        failing=tuple(
            sorted(
                fingerprint(requirement, subject, run.target)
                for (requirement, subject), outcome in cells.items()
                if outcome is Outcome.FAIL
            )
        ),
        cells=cells,
    )


def cells_of(maturity: Maturity) -> Mapping[Cell, Outcome]:
    """Return the outcome of every planned subject."""
    return {
        (result.requirement.id, subject.subject): subject.outcome
        for area in maturity.areas
        for result in area.requirements
        for subject in result.subjects
    }


def past_of(run: RunRecord, maturity: Maturity, earlier: Sequence[Entry]) -> Past | None:
    """Return the run's place among earlier ones, None when it is the first; `earlier` is oldest first."""
    if not earlier:
        return None
    last = earlier[-1]
    return Past(
        entries=tuple(earlier),
        changes=changes_between(last.cells, cells_of(maturity)),
        movements=tuple(movement(area, last) for area in maturity.areas),
        is_same_rubric=last.rubric_hash == run.rubric_hash,
    )


def movement(area: AreaScore, last: Entry) -> Movement:
    """Return why an area's lower bound moved.

    Two areas that never were are put between then and now: today's requirements and subjects with the
    earlier outcomes, and the same with the answers that changed from pass to fail or back. What lies between
    the four is due to scope, code and measuring, and adds up to the whole.
    """
    before = last.areas.get(area.area.value, _UNKNOWN).low
    earlier = _low(area, last.cells, is_taken=lambda _then, _now: True)
    answered = _low(
        area, last.cells, is_taken=lambda then, now: not (then.is_conclusive and now.is_conclusive)
    )
    return Movement(
        area=area.area.value,
        before=before,
        after=area.low,
        scope=earlier - before,
        code=answered - earlier,
        measured=area.low - answered,
    )


def _low(area: AreaScore, cells: Mapping[Cell, Outcome], *, is_taken: _Taken) -> Fraction:
    results = [_as_then(result, cells, is_taken) for result in area.requirements]
    return area_bounds(results).low


def _as_then(result: RequirementResult, cells: Mapping[Cell, Outcome], is_taken: _Taken) -> RequirementResult:
    subjects = []
    for subject in result.subjects:
        then = cells.get((result.requirement.id, subject.subject), Outcome.NOT_APPLICABLE)
        now = subject.outcome
        applied = Outcome.NOT_APPLICABLE not in {then, now}
        outcome = then if applied and is_taken(then, now) else now
        subjects.append(SubjectResult(subject=subject.subject, outcome=outcome, reason="", findings=()))
    return requirement_result(result.requirement, subjects)
