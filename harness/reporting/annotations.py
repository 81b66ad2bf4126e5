"""Annotations in GitHub's workflow command format: the worst failures, where GitHub shows no more anyway."""

from collections.abc import Iterator

from harness.core.maturity import ScoredRun
from harness.core.severity import severity_of
from harness.reporting.reading import Cell, deciding, expected_failure, failures

#: GitHub shows ten of each kind per step.
MOST = 10
_MOST_TEXT = 600


def annotations(scored: ScoredRun) -> Iterator[str]:
    """Yield a line per annotation, worst first; what is excused is left out."""
    told = [cell for cell in failures(scored) if not expected_failure(cell, scored)]
    for cell in told[:MOST]:
        yield _line(cell)
    if len(told) > MOST:
        text = f"{len(told) - MOST} more failures are in the step summary and in report.html"
        yield f"::notice title={_property('CORE Harness')}::{_data(text)}"


def _line(cell: Cell) -> str:
    requirement = cell.requirement
    command = "error" if requirement.must else "warning"
    seen = " ".join(dict.fromkeys(item.seen for item in deciding(cell) if item.seen)) or cell.subject.reason
    title = f"{requirement.id} on {cell.subject.subject} ({severity_of(requirement).value})"
    text = f"{requirement.statement}\nSeen: {seen[:_MOST_TEXT]}\nRemedy: {requirement.remedy}"
    return f"::{command} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    """Return text for the message of a command: a percent sign and line ends would end or change it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return text for a property of a command, where colon and comma separate, too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
