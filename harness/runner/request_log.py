"""requests.log: one line for everything that was sent, and for what was held back, in order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from harness.core.exchange import Exchange

NAME = "requests.log"
_LONGEST_TARGET = 300
_READABLE = "/:?&=%,;@!$'()*+-._~[]{}<>#"


def request_lines(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Yield tab-separated lines: moment, layer, who, method, target, status or why there is none."""
    sent: Counter[str] = Counter()
    held_back: Counter[str] = Counter()
    yield "# started\tlayer\tidentity\tmethod\ttarget\tstatus\texchange"
    for exchange in sorted(exchanges, key=lambda item: item.started):
        if exchange.gap == "not-sent":
            held_back[exchange.notes.get("not-sent", "unknown")] += 1
        else:
            sent[exchange.request.method] += 1
        yield _line(exchange)
    yield f"# sent: {_counted(sent)}"
    yield f"# held back here, never sent: {_counted(held_back)}"


def _line(exchange: Exchange) -> str:
    request = exchange.request
    return "\t".join(
        (
            exchange.started,
            exchange.layer.value,
            exchange.identity or "-",
            request.method or "-",
            quote(request.target[:_LONGEST_TARGET], safe=_READABLE) or "-",
            _ending(exchange),
            exchange.id,
        )
    )


def _ending(exchange: Exchange) -> str:
    if exchange.gap == "not-sent":
        return f"not sent ({exchange.notes.get('not-sent', 'unknown')})"
    if exchange.response is None:
        return exchange.gap or "no answer"
    return f"{exchange.response.status}{f' ({exchange.gap})' if exchange.gap else ''}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name or '-'}" for name, count in sorted(counts.items())) or "nothing"
