"""Groups findings by what is likely one cause: one rule broken in the same words, or one poisoned row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome

#: An operation that crashes has, as far as anybody can see from outside, a cause of its own.
_OF_THE_OPERATION = frozenset({"server-error"})
#: Fewer operations than this, broken since the same write, may be a coincidence.
_LEAST_POISONED = 3
_READS = frozenset({"GET", "HEAD"})
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_QUOTED = re.compile(r"""(["'])(?:(?!\1).){0,400}\1""")
_VARYING = (
    (re.compile(r"""(?<![\w.])/[^\s;,:)\]}>"']*"""), "/…"),
    (re.compile(r"\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F-]{12,}\b"), "#"),
    (re.compile(r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|QUERY)\b"), "METHOD"),
    (re.compile(r"\b(?!(?:[1-5]\d\d)\b)\d+(?:\.\d+)*\b"), "N"),
    (re.compile(r"\s+"), " "),
)

#: What broke an operation, by the operation's subject; see `poisoned`.
Poisoning = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings that one mend would likely answer; `key` is the same in every run."""

    key: str
    findings: tuple[Finding, ...]


def grouped(findings: Iterable[Finding], poisoning: Poisoning | None = None) -> tuple[Cause, ...]:
    """Return the fails by cause, the cause that breaks most first."""
    by_key: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.FAIL:
            by_key.setdefault(cause_of(finding, poisoning), []).append(finding)
    causes = (Cause(key=key, findings=tuple(found)) for key, found in by_key.items())
    return tuple(sorted(causes, key=lambda cause: (-len(cause.findings), cause.key)))


def cause_of(finding: Finding, poisoning: Poisoning | None = None) -> str:
    """Return a key that findings of one cause share: requirement, reason and what was seen, without details.

    A server error is grouped only with others that the same write brought on.
    """
    if finding.reason in _OF_THE_OPERATION:
        writer = (poisoning or {}).get(finding.subject)
        if writer is not None:
            return f"{finding.reason} since {writer}"
        return f"{finding.requirement} {finding.reason} {finding.subject}"
    return f"{finding.requirement} {finding.reason} {without_details(finding.seen)}".strip()


def without_details(seen: str) -> str:
    """Return a sentence without what differs between operations: quotes, paths, ids, numbers but statuses."""
    return _without_names(_QUOTED.sub("'…'", seen))


def _without_names(text: str) -> str:
    """Return a text without paths, ids and numbers; two answers of one error are the same then."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.strip()


def poisoned(exchanges: Iterable[Exchange], operations: Operations) -> Poisoning:
    """Return the reads that answer the same 5xx since one and the same write, with that write.

    At least three operations, of which one answered well before the write, and none of which has since: one
    stored row that no serialiser takes is one cause and not eighteen.
    """
    found: dict[str, str] = {}
    by_layer: dict[Layer, list[tuple[int, Exchange, str]]] = {}
    find = cache(operations.find)  # the same paths come again and again
    for place, exchange in enumerate(exchanges):
        operation = find(exchange.request.method, exchange.request.path)
        if operation is not None and exchange.response is not None and not exchange.fault_active:
            by_layer.setdefault(exchange.layer, []).append((place, exchange, operation.subject))
    for told in by_layer.values():
        for subjects, writer in _poisonings(told):
            found.update(dict.fromkeys(subjects, writer))
    return found


@dataclass(slots=True)
class _Read:
    """When a read last answered well, and since when it answers a certain error."""

    last_well: int = -1
    first_error: int = -1
    error: str = ""
    is_well_since: bool = False

    def take(self, place: int, response: Response) -> None:
        if response.status < 300:
            self.is_well_since = self.first_error >= 0
            if self.first_error < 0:
                self.last_well = place
        elif response.status >= 500 and self.first_error < 0:
            self.first_error = place
            self.error = f"{response.status} {_without_names(response.body or '')}"


def _poisonings(told: Iterable[tuple[int, Exchange, str]]) -> Iterator[tuple[tuple[str, ...], str]]:
    reads: dict[str, _Read] = {}
    writes: list[tuple[int, str]] = []
    for place, exchange, subject in told:
        if exchange.request.method in _READS and exchange.response is not None:
            reads.setdefault(subject, _Read()).take(place, exchange.response)
        elif exchange.request.method in _WRITES:
            writes.append((place, f"{subject} ({exchange.id})"))
    broken = {name: read for name, read in reads.items() if read.first_error >= 0 and not read.is_well_since}
    for error in sorted({read.error for read in broken.values()}):
        alike = {name: read for name, read in broken.items() if read.error == error}
        if writer := _common_write(alike, writes):
            yield tuple(sorted(alike)), writer


def _common_write(alike: Mapping[str, _Read], writes: Iterable[tuple[int, str]]) -> str:
    """Return the last write after all of them were well and before any of them broke, or nothing."""
    if len(alike) < _LEAST_POISONED or all(read.last_well < 0 for read in alike.values()):
        return ""
    start = max(read.last_well for read in alike.values())
    end = min(read.first_error for read in alike.values())
    between = [name for place, name in writes if start < place < end]
    return between[-1] if between else ""
