"""How judges read recorded exchanges: answers, bodies, operations, and findings made of observations."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.core.exchange import Exchange, Message, Protocol, Request, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.protocol import Recorded

#: RFC 9110 and RFC 5789; anything else is refused by servers before an application sees it.
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
_OVER_HTTP = {Protocol.HTTP, Protocol.SSE, Protocol.MCP}
_MOST_NAMED_ON_FAIL = 10
_MOST_NAMED_ON_PASS = 3
#: Servers are free to refuse longer addresses (RFC 9110 4.1), and do so before the application sees them.
_LONGEST_TARGET = 4096
_MOST_INFLATED = 1 << 20
_TARGET = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUERY_PARAMETER = re.compile(r"[?&]query=")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one exchange shows about one subject; without a `flaw` (a reason code) it speaks for a pass."""

    subject: str
    exchange: Exchange
    flaw: str = ""
    seen: str = ""


def answers(recorded: Recorded) -> Iterator[tuple[Exchange, Response]]:
    """Return every final HTTP answer."""
    for exchange in recorded.exchanges:
        response = exchange.response
        if response is not None and exchange.protocol in _OVER_HTTP and response.status >= 200:
            yield exchange, response


def operation_answers(recorded: Recorded) -> Iterator[tuple[Operation, Exchange, Response]]:
    """Return the answers of declared operations."""
    for exchange, response in answers(recorded):
        operation = recorded.operations.find(exchange.request.method, exchange.request.path)
        if operation is not None:
            yield operation, exchange, response


def findings(
    observations: Iterable[Observation], *, requirement: str, judge: str, expected: str, base_url: str
) -> Iterator[Finding]:
    """Return one finding per subject: a fail names the exchanges that show it, a pass a few of its own."""
    by_subject: dict[str, list[Observation]] = {}
    for observation in observations:
        by_subject.setdefault(observation.subject, []).append(observation)
    for subject in sorted(by_subject):
        seen = sorted(by_subject[subject], key=lambda item: in_order_of_recording(item.exchange))
        flawed = [item for item in seen if item.flaw]
        named = _examples(flawed) if flawed else seen[:_MOST_NAMED_ON_PASS]
        yield Finding(
            requirement=requirement,
            subject=subject,
            outcome=Outcome.FAIL if flawed else Outcome.PASS,
            reason=named[0].flaw or "as-required",
            layer=Layer.JUDGES,
            producer=f"judge:{judge}",
            expected=expected,
            seen=_summary(seen, flawed, named),
            exchanges=tuple(item.exchange.id for item in named),
            reproduction=curl(named[0].exchange.request, base_url) if flawed else "",
        )


def text_of(message: Message) -> str | None:
    """Return the body as text, or None where it has none or cannot be read."""
    if message.body is None:
        return None
    if not message.body_is_base64:
        return message.body
    try:
        raw = base64.b64decode(message.body)
        return _inflated(raw, (message.header("content-encoding") or "").strip().lower()).decode()
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        return None


def json_of(message: Message) -> Any:
    """Return the parsed JSON body, or None where there is none or it was cut."""
    text = None if message.is_truncated else text_of(message)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def has_body(exchange: Exchange, response: Response) -> bool:
    """Whether the answer carried content."""
    if exchange.request.method == "HEAD" or response.status in {204, 304}:
        return False
    return bool(response.body_size or response.body)


def _inflated(raw: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return raw
    if encoding in {"gzip", "deflate"}:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(raw, _MOST_INFLATED)
    raise ValueError(encoding)


def reached_application(exchange: Exchange) -> bool:
    """Whether HTTP allows the request; servers refuse others on their own, before the application."""
    is_long = len(exchange.request.target) > _LONGEST_TARGET
    return exchange.gap != "unparsed" and not is_long and _is_well_formed(exchange.request)


def _is_well_formed(request: Request) -> bool:
    if request.method not in KNOWN_METHODS or not _TARGET.fullmatch(request.target):
        return False
    if not _is_decodable(request.target):
        return False
    hosts = request.all("host")
    if len(hosts) > 1 or (request.all("transfer-encoding") and request.all("content-length")):
        return False
    return all(
        _HEADER_NAME.fullmatch(name) is not None and _CONTROL.search(value) is None
        for name, value in request.headers
    )


def _is_decodable(target: str) -> bool:
    """Whether every escape of an address is one, and stands for text; servers refuse others on their own."""
    if "%" not in target:
        return True
    if _BROKEN_ESCAPE.search(target) or "%00" in target:
        return False
    try:
        for escaped in _ESCAPES.findall(target):
            bytes.fromhex(escaped.replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_graphql_by_get(request: Request) -> bool:
    """Whether a 405 may be about the operation inside the query (a mutation), not about the resource."""
    return request.method == "GET" and _QUERY_PARAMETER.search(request.target) is not None


def in_order_of_recording(exchange: Exchange) -> tuple[str, int, str]:
    """Return a sort key that puts fuzz-9 before fuzz-10."""
    layer, _, number = exchange.id.rpartition("-")
    return (layer, int(number) if number.isdecimal() else 0, exchange.id)


def _examples(flawed: list[Observation]) -> list[Observation]:
    """Return one example of each different flaw first, then more, up to the limit."""
    different: dict[tuple[str, str], Observation] = {}
    for item in flawed:
        different.setdefault((item.flaw, item.seen), item)
    first = list(different.values())
    rest = [item for item in flawed if item not in first] if len(first) < _MOST_NAMED_ON_FAIL else []
    return (first + rest)[:_MOST_NAMED_ON_FAIL]


def _summary(seen: list[Observation], flawed: list[Observation], named: list[Observation]) -> str:
    if not flawed:
        return f"{len(seen)} of {len(seen)} answers"
    told = list(dict.fromkeys(item.seen for item in named if item.seen))
    return f"{len(flawed)} of {len(seen)} answers: {'; '.join(told)}"
