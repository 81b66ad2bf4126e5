"""What a report is: a pure function from a scored run to files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.core.maturity import ScoredRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Export one as REPORT; `render` returns file names relative to the run folder and their bytes."""

    id: str
    title: str
    render: Callable[[ScoredRun], Mapping[str, bytes]]
