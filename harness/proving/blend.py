"""What a defect does to its area: the clean run with the re-measured layers put in its place."""

from dataclasses import replace
from fractions import Fraction

from harness.core.area import Area
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.scoring.assemble import assemble
from harness.scoring.weighing import PLAN_PRODUCER


def blend(clean: ScoredRun, defective: ScoredRun) -> ScoredRun:
    """Return the clean run in which the layers that ran again say what they saw with the defect.

    Judges see the traffic of all layers, so their findings of both runs are kept: a fail dominates.
    """
    again = set(defective.run.layers)
    kept = [item for item in clean.findings if item.layer is Layer.JUDGES or item.layer.value not in again]
    recorded = [item for item in (*kept, *defective.findings) if item.producer != PLAN_PRODUCER]
    return assemble(
        replace(clean.run, layers={**clean.run.layers, **defective.run.layers}),
        clean.requirements,
        engine_findings=[item for item in recorded if item.layer is not Layer.JUDGES],
        judge_findings=[item for item in recorded if item.layer is Layer.JUDGES],
        exchanges={**clean.exchanges, **defective.exchanges},
    )


def area_low(scored: ScoredRun, area: Area) -> Fraction:
    """Return L of one area."""
    return next(item.low for item in scored.maturity.areas if item.area is area)
