"""Failures of one cause: the same requirement, reason and sentence but for names, numbers and addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.maturity import ScoredRun
from harness.core.requirement import Requirement
from harness.core.severity import severity_of
from harness.reporting.reading import Cell, deciding, failures

_METHOD = re.compile(r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|QUERY)\b")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`")
_ADDRESS = re.compile(r"(?:https?://[^\s/]+)?/[^\s,;:)\]]*")
_ID = re.compile(r"\b(?=[\w-]*\d)(?:[0-9a-f]{8,}|[0-9a-f-]{32,36}|\w+_[0-9A-Za-z]{8,})\b")
_COUNT = re.compile(
    r"\b\d+ (?:of|out of) \d+\b|\b\d+(?:\.\d+)? ?(?:ms|s|%|cases|answers|samples|bytes)(?!\w)"
)
_STATUSES = re.compile(r"\b[1-5]\d\d(?:, [1-5]\d\d)+\b")
#: A status says what happened; any other number is only how often, how much or which.
_NUMBER = re.compile(r"\b(?![1-5]\d\d\b)\d+(?:\.\d+)?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing to mend, and every subject that shows it."""

    requirement: Requirement
    reason: str
    cells: tuple[Cell, ...]


def causes(scored: ScoredRun) -> tuple[Cause, ...]:
    """Return the causes of all failures, worst first, those that more subjects show before others."""
    grouped: dict[tuple[str, ...], list[Cell]] = {}
    for cell in failures(scored):
        grouped.setdefault(cause_key(cell), []).append(cell)
    found = [_cause(cells) for cells in grouped.values()]
    return tuple(sorted(found, key=lambda item: (_severity(item), -len(item.cells))))


def cause_key(cell: Cell) -> tuple[str, ...]:
    """Return what a failure has in common with others of its cause: what the finding says that named it."""
    said = next((item.seen for item in deciding(cell) if item.reason == cell.subject.reason), "")
    return (cell.requirement.id, cell.subject.reason, normalised(said, cell.subject.subject))


def normalised(seen: str, subject: str) -> str:
    """Return a sentence without what differs from subject to subject."""
    text = seen.replace(subject, "SUBJECT")
    for pattern, word in (
        (_QUOTED, "TEXT"),
        (_COUNT, "N"),
        (_STATUSES, "STATUSES"),
        (_ADDRESS, "PATH"),
        (_METHOD, "METHOD"),
        (_ID, "ID"),
        (_NUMBER, "N"),
    ):
        text = pattern.sub(word, text)
    return " ".join(text.split())


def subjects_text(cause: Cause) -> str:
    """Return e.g. `GET /items and 3 more`."""
    others = len(cause.cells) - 1
    return cause.cells[0].subject.subject + (f" and {others} more" if others else "")


def _cause(cells: Sequence[Cell]) -> Cause:
    return Cause(requirement=cells[0].requirement, reason=cells[0].subject.reason, cells=tuple(cells))


def _severity(cause: Cause) -> tuple[int, bool]:
    return severity_of(cause.requirement).rank, not cause.requirement.must
