"""What a defect does to its area: the clean run with the new failures added."""

from collections.abc import Iterable
from fractions import Fraction

from harness.core.area import Area
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.scoring.assemble import assemble
from harness.scoring.weighing import PLAN_PRODUCER


def blend(clean: ScoredRun, failed: Iterable[Finding]) -> ScoredRun:
    """Return the clean run as it would be had it seen these failures, too: a fail dominates."""
    findings = [item for item in (*clean.findings, *failed) if item.producer != PLAN_PRODUCER]
    return assemble(
        clean.run,
        clean.requirements,
        engine_findings=[item for item in findings if item.layer is not Layer.JUDGES],
        judge_findings=[item for item in findings if item.layer is Layer.JUDGES],
        exchanges=clean.exchanges,
    )


def area_low(scored: ScoredRun, area: Area) -> Fraction:
    """Return L of one area."""
    return next(item.low for item in scored.maturity.areas if item.area is area)
