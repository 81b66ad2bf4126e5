"""Each judge in turn is blinded: its canary notices, and a defect that only it sees is no longer caught."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from harness.catalogue.rubric import load_rubric
from harness.core.finding import Finding
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.judges.judging import canary_failure, judge_all, judges
from harness.judges.protocol import Judge, Recorded
from harness.proving.attribution import Cell, attribute
from harness.proving.defects import Defect
from harness.scoring.assemble import assemble
from tests.harness.scoring.conftest import HEALTHY, Build

Blinding = Callable[[Iterator[Finding]], Iterator[Finding]]
SWITCH = {"seeded": {"applied": True, "reached": 1, "triggered": 1}}
RUBRIC = load_rubric().requirements


def silent(_findings: Iterator[Finding]) -> Iterator[Finding]:
    """It sees nothing."""
    return iter(())


def content(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Everything passes."""
    return (replace(item, outcome=Outcome.PASS) for item in findings)


def doubtful(findings: Iterator[Finding]) -> Iterator[Finding]:
    """What is wrong could not be measured."""
    return (
        replace(item, outcome=Outcome.INCONCLUSIVE) if item.outcome is Outcome.FAIL else item
        for item in findings
    )


def alarmed(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Everything fails."""
    return (replace(item, outcome=Outcome.FAIL) for item in findings)


def blinded(judge: Judge, how: Blinding) -> Judge:
    return replace(judge, judge=lambda recorded: how(judge.judge(recorded)))


every_judge = pytest.mark.parametrize("judge", judges(), ids=lambda judge: judge.id)


@every_judge
@pytest.mark.parametrize("how", [silent, content, doubtful, alarmed])
def test_its_canary_notices(judge: Judge, how: Blinding) -> None:
    assert not canary_failure(judge)
    assert canary_failure(blinded(judge, how))


def scored(found: Recorded, among: Sequence[Judge], requirements: Sequence[str]) -> ScoredRun:
    findings = judge_all(found, among=among)
    cells = sorted({(item.requirement, item.subject) for item in judge_all(found, among=judges())})
    layers = {**HEALTHY, "scenarios": replace(HEALTHY["scenarios"], switches=SWITCH)}
    run = Build.run([cell for cell in cells if cell[0] in requirements], layers=layers)
    return assemble(run, RUBRIC, engine_findings=[], judge_findings=findings, exchanges={})


@every_judge
@pytest.mark.parametrize("how", [silent, content, doubtful])
def test_what_only_it_sees_is_missed_by_the_oracle(judge: Judge, how: Blinding) -> None:
    """The judge's own bad example stands for a run with a defect in it, the good one for the clean run."""
    defect = Defect(id="seeded", family="judges", title="Something is wrong.", breaks=judge.requirements[:2])

    def cell(*among: Judge) -> Cell:
        clean = scored(judge.good, among, judge.requirements)
        return attribute(defect, clean, scored(judge.bad, among, judge.requirements)).cell

    assert cell(judge) is Cell.CAUGHT
    assert cell(blinded(judge, how)) is Cell.MISSED_ORACLE
