"""The scored run in types: what scoring makes and every report renders."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from harness.core.area import Area, Level
from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.history import Past
from harness.core.outcome import Outcome
from harness.core.requirement import Requirement
from harness.core.run import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectResult:
    """One planned subject after all findings on it were weighed; `reason` is that of the deciding finding."""

    subject: str
    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """A requirement with the value it counts for in L (`low`) and U (`high`), both 0..1."""

    requirement: Requirement
    low: Fraction
    high: Fraction
    outcome: Outcome
    subjects: tuple[SubjectResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaScore:
    """An area: L and U on 0..10, the measured share 0..1, its level and what keeps it from the next one.

    `confidence` is the detection rate of the area's checks on the seeded defects, by weight; None where no
    defect was ever caught by them. `unproven` are the requirements whose check no defect has turned red.
    """

    area: Area
    low: Fraction
    high: Fraction
    measured: Fraction
    level: Level
    blocked_by: tuple[str, ...]
    requirements: tuple[RequirementResult, ...]
    confidence: Fraction | None = None
    unproven: tuple[str, ...] = ()
    claimed_score: float | None = None
    claimed_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturity:
    """The whole report; `level` and overall numbers are None when `withheld`, for that reason."""

    areas: tuple[AreaScore, ...]
    measured: Fraction
    level: Level | None
    low: Fraction | None
    high: Fraction | None
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the process exits with and why; written to verdict.json."""

    exit_code: int
    verdict: str
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRun:
    """Everything a report may use; `findings` in canonical order, `exchanges` the referenced ones.

    `past` is None for the first run of a target, and for one that is not compared.
    """

    run: RunRecord
    requirements: tuple[Requirement, ...]
    findings: tuple[Finding, ...]
    maturity: Maturity
    verdict: Verdict
    exchanges: Mapping[str, Exchange]
    past: Past | None = None
