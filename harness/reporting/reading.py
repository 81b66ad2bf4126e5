"""How reports read a scored run: cells, scores as text, counts, what was not planned."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.core.figures import one_decimal
from harness.core.finding import Finding
from harness.core.maturity import AreaScore, RequirementResult, ScoredRun, SubjectResult
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.requirement import Requirement
from harness.core.severity import severity_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One planned subject of one requirement in its area."""

    area: AreaScore
    result: RequirementResult
    subject: SubjectResult

    @property
    def requirement(self) -> Requirement:
        """The requirement judged."""
        return self.result.requirement


def cells(scored: ScoredRun) -> Iterator[Cell]:
    """Return every planned subject, in the order of areas, requirements and subjects."""
    for area in scored.maturity.areas:
        for result in area.requirements:
            for subject in result.subjects:
                yield Cell(area=area, result=result, subject=subject)


def deciding(cell: Cell) -> tuple[Finding, ...]:
    """Return the findings that made a cell what it is."""
    return tuple(item for item in cell.subject.findings if item.outcome is cell.subject.outcome)


def failures(scored: ScoredRun) -> tuple[Cell, ...]:
    """Return what failed, worst first: by severity, MUST before advice, then in the report's order."""
    failed = [cell for cell in cells(scored) if cell.subject.outcome is Outcome.FAIL]
    return tuple(
        sorted(failed, key=lambda cell: (severity_of(cell.requirement).rank, not cell.requirement.must))
    )


def expected_failure(cell: Cell, scored: ScoredRun) -> str:
    """Return why a failure is excused and by whom, or nothing."""
    return scored.run.gates.expected_failures.get(f"{cell.requirement.id} {cell.subject.subject}", "")


def counts(scored: ScoredRun) -> Mapping[Outcome, int]:
    """Return the planned subjects by outcome, every outcome named."""
    counted = Counter(cell.subject.outcome for cell in cells(scored))
    return {outcome: counted[outcome] for outcome in Outcome}


def score_text(area: AreaScore) -> str:
    """Return e.g. `6.2 [6.2-8.1]`."""
    return f"{one_decimal(area.low)} [{one_decimal(area.low)}-{one_decimal(area.high)}]"


def applies(area: AreaScore) -> bool:
    """Whether anything of an area applies to the target."""
    return any(item.outcome is not Outcome.NOT_APPLICABLE for item in area.requirements)


def worst_area(scored: ScoredRun) -> AreaScore | None:
    """Return the area with the lowest lower bound among those that apply."""
    applicable = [area for area in scored.maturity.areas if applies(area)]
    return min(applicable, key=lambda area: (area.low, area.measured), default=None)


def not_scored(scored: ScoredRun) -> tuple[str, ...]:
    """Return the planned requirements that give no points in this rubric version."""
    placed = {result.requirement.id for area in scored.maturity.areas for result in area.requirements}
    planned = {item.requirement for item in scored.run.subjects}
    return tuple(sorted(planned - placed))


def unplanned(scored: ScoredRun) -> tuple[Finding, ...]:
    """Return the findings on subjects that were not planned; they never count."""
    planned = {(item.requirement, item.subject) for item in scored.run.subjects}
    return tuple(item for item in scored.findings if (item.requirement, item.subject) not in planned)


def utf8(text: str) -> bytes:
    """Return the bytes of a text; what UTF-8 cannot carry (half a surrogate pair) becomes a question mark."""
    return text.encode("utf-8", "replace")


def exempt(scored: ScoredRun) -> tuple[PlannedSubject, ...]:
    """Return the subjects that their owner excused."""
    return tuple(item for item in scored.run.subjects if item.skip is SkipReason.EXEMPT)
