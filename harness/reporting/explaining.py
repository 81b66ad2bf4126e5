"""A finding or a requirement explained in a terminal: what was wanted, seen and said, and how to mend it."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from harness.core.exchange import Exchange, Message
from harness.core.finding import Finding, fingerprint
from harness.core.maturity import ScoredRun
from harness.core.requirement import Requirement
from harness.core.severity import severity_of
from harness.reporting.marking import Marks, marks_of
from harness.reporting.reading import Cell, deciding

_MOST_EXCHANGES = 3
_MOST_BODY = 1200
_LEAST_COLUMNS = 100


def explained_requirement(requirement: Requirement, *, proof: str) -> Iterator[str]:
    """Yield what a requirement asks for, why, how it is mended and how its check is proven."""
    kind = "MUST" if requirement.must else "advice"
    yield f"{requirement.id}  {kind}, {severity_of(requirement).value}, {requirement.area.label}"
    yield f"  {requirement.statement}"
    yield f"  source   {'; '.join(requirement.source)}"
    yield f"  level    {requirement.level.value}, {requirement.evidence.value} evidence"
    if requirement.needs:
        yield f"  needs    {', '.join(requirement.needs)}"
    yield f"  remedy   {requirement.remedy} ({requirement.effort} effort)"
    yield f"  proven   {proof}"


def explained_cell(cell: Cell, scored: ScoredRun, *, width: int) -> Iterator[str]:
    """Yield what is known of one subject: each deciding finding with its exchanges side by side."""
    name = fingerprint(cell.requirement.id, cell.subject.subject, scored.run.target)
    subject = cell.subject
    yield f"{subject.outcome.value.upper()}  {subject.subject}  ({subject.reason})  {name[:12]}"
    for finding in deciding(cell):
        yield from _finding(finding, scored, width=width)
    yield f"  replay      harness replay {name[:12]} --run {scored.run.id}"


def _finding(finding: Finding, scored: ScoredRun, *, width: int) -> Iterator[str]:
    yield f"  by          {finding.producer}, layer {finding.layer.value}"
    if finding.expected:
        yield from _folded("expected", finding.expected, width)
    if finding.seen:
        yield from _folded("seen", finding.seen, width)
    for name, found in sorted(finding.measurements.items()):
        limit = "" if found.limit is None else f", limit {found.limit:g}"
        bounds = f"[{found.low:g}-{found.high:g}]"
        yield f"  measured    {name} {found.value:g} {bounds}{limit}, {found.samples} samples"
    if finding.attempts > 1:
        yield f"  attempts    {finding.attempts}"
    for name in finding.exchanges[:_MOST_EXCHANGES]:
        exchange = scored.exchanges.get(name)
        if exchange is not None:
            yield ""
            yield from side_by_side(exchange, marks_of(finding, exchange.response), width=width)
    if rest := finding.exchanges[_MOST_EXCHANGES:]:
        yield f"  also        {', '.join(rest[:12])}{' ...' if len(rest) > 12 else ''}"
    if finding.reproduction:
        yield from (f"  reproduce   {line}" for line in finding.reproduction.splitlines())


def _folded(title: str, text: str, width: int) -> Iterator[str]:
    lines = textwrap.wrap(text, max(40, width - 14)) or [""]
    yield f"  {title:11} {lines[0]}"
    yield from (f"{'':14}{line}" for line in lines[1:])


def side_by_side(exchange: Exchange, marks: Marks, *, width: int) -> Iterator[str]:
    """Yield request and response in two columns, or one below the other where the terminal is narrow.

    Lines that the finding is about begin with `>`.
    """
    who = f" as {exchange.identity}" if exchange.identity else ""
    fault = ", while a fault was injected" if exchange.fault_active else ""
    yield f"  {exchange.id}{who}{fault}"
    asked = [f"  {line}" for line in _request(exchange)]
    answered = [f"{'>' if is_marked else ' '} {line}" for line, is_marked in _response(exchange, marks)]
    if width < _LEAST_COLUMNS:
        yield from (f"  {line}" for line in [*asked, *answered])
        return
    column = (width - 7) // 2
    pairs = zip_longest(_wrapped(asked, column), _wrapped(answered, column), fillvalue="")
    yield from (f"  {left:{column}} | {right}".rstrip() for left, right in pairs)


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    wrapped: list[str] = []
    for line in lines:
        wrapped += textwrap.wrap(line, width, subsequent_indent="    ", drop_whitespace=False) or [""]
    return wrapped


def _request(exchange: Exchange) -> Iterator[str]:
    yield f"{exchange.request.method} {exchange.request.target}"
    yield from (line for line, _ in _message(exchange.request, Marks()))


def _response(exchange: Exchange, marks: Marks) -> Iterator[tuple[str, bool]]:
    response = exchange.response
    if response is None:
        yield f"no answer: {exchange.gap or 'unknown'}", True
        return
    yield f"HTTP {response.status} after {response.elapsed * 1000:.0f} ms", marks.status
    yield from ((f"({name} is missing)", True) for name in marks.missing)
    yield from _message(response, marks)


def _message(message: Message, marks: Marks) -> Iterator[tuple[str, bool]]:
    for name, value in message.headers:
        yield f"{name}: {value}", name.lower() in marks.headers
    if not message.body:
        return
    yield "", False
    for line in message.body[:_MOST_BODY].splitlines():
        yield line, any(piece in line for piece in marks.pieces)
    if message.is_truncated or len(message.body) > _MOST_BODY:
        yield f"... cut here, {message.body_size} bytes in all", False
