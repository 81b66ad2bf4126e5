"""Puts a scored run together from recorded evidence: pure, the same evidence gives the same value."""

from collections.abc import Iterable, Mapping, Sequence

from harness.core.errors import HarnessFault
from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.history import Entry
from harness.core.maturity import ScoredRun
from harness.core.requirement import Requirement
from harness.core.run import RunRecord
from harness.scoring.maturity import score
from harness.scoring.movement import past_of
from harness.scoring.verdict import decide
from harness.scoring.weighing import settle


def assemble(
    run: RunRecord,
    requirements: Sequence[Requirement],
    *,
    engine_findings: Iterable[Finding],
    judge_findings: Iterable[Finding],
    exchanges: Mapping[str, Exchange],
    not_scored: frozenset[str] = frozenset(),
    earlier: Sequence[Entry] = (),
) -> ScoredRun:
    """Return the scored run; the order and repetition of findings and exchanges make no difference.

    `not_scored` are requirements in their first version: findings on them are listed and give no points.
    `earlier` runs of the target, oldest first, are compared with and change neither score nor verdict.
    """
    known = tuple(sorted(requirements, key=lambda item: item.id))
    _refuse_unknown(run, known)
    scored = tuple(item for item in known if item.id not in not_scored)
    findings = settle(run, [*engine_findings, *judge_findings])
    maturity = score(run, scored, findings)
    named = {name for finding in findings for name in finding.exchanges}
    return ScoredRun(
        run=run,
        requirements=known,
        findings=findings,
        maturity=maturity,
        verdict=decide(run, scored, findings, maturity),
        exchanges={name: exchanges[name] for name in sorted(named) if name in exchanges},
        past=past_of(run, maturity, earlier),
    )


def _refuse_unknown(run: RunRecord, requirements: Sequence[Requirement]) -> None:
    known = {item.id for item in requirements}
    if strangers := sorted({item.requirement for item in run.subjects} - known):
        raise HarnessFault(
            f"run {run.id} planned {', '.join(strangers)}, which its rubric does not hold",
            remedy="score the run with the rubric.json of its own folder",
        )
