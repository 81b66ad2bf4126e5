"""What the end of a run's budget means for a layer: what it measured stands, and nobody is to blame."""

from dataclasses import replace

from harness.plan.engine import Completion, LayerReport

_ENDED_BY_IT = frozenset({Completion.CRASHED, Completion.TIMED_OUT, Completion.NOTHING_RAN})


def within_budget(report: LayerReport, spent: str, *, recorded: int) -> LayerReport:
    """Return the report of a layer with the spent budget named as the reason for how it ended."""
    if not spent:
        return report
    detail = f"{spent}; {report.detail}".removesuffix("; ")
    if report.completion not in _ENDED_BY_IT:
        return replace(report, detail=detail)
    # a layer that could not even begin has crashed through no fault of the harness either
    completion = Completion.COMPLETED if recorded else Completion.NOTHING_RAN
    return replace(report, completion=completion, detail=detail)
