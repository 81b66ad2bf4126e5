"""What the end of a run's budget means for a layer: what it measured stands, and nobody is to blame."""

from dataclasses import replace

from harness.plan.engine import Completion, LayerReport

_ENDED_BY_IT = frozenset({Completion.CRASHED, Completion.TIMED_OUT, Completion.NOTHING_RAN})


def within_budget(report: LayerReport, spent: str, *, recorded: int) -> LayerReport:
    """Return the report of a layer with the spent budget named as the reason for how it ended."""
    if not spent:
        return report
    detail = f"{spent}; {report.detail}".removesuffix("; ")
    is_cut_short = report.completion in _ENDED_BY_IT and recorded > 0
    return replace(
        report, completion=Completion.COMPLETED if is_cut_short else report.completion, detail=detail
    )
