"""Request bodies: a size limit that also holds for chunked ones, and JSON that can be parsed at all."""

import asyncio
import re
from collections.abc import Callable, Sequence

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.gateway.exchange import Exchange, exchange_of, header, within
from reference_impl.kit.composition import BodyRule
from reference_impl.kit.problem import BadRequest, PayloadTooLarge, RequestTimeout

MAX_JSON_DEPTH = 64
_ARRIVAL_SECONDS = 30.0
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SizeRule = Callable[[int, int], bool]
JsonRule = Callable[[bytes], None]


def exceeds(size: int, limit: int) -> bool:
    """Whether so many bytes, announced or received so far, are too many."""
    return size > limit


def too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body may have at most {limit} bytes here.", limit=limit)


def json_depth(body: bytes) -> int:
    """How deep arrays and objects are nested, without building them."""
    depth = deepest = 0
    for match in _TOKEN.finditer(body):
        token = match.group()
        if token in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in b"]}":
            depth -= 1
    return deepest


def check_json(body: bytes) -> None:
    """Refuse what is not JSON, and what is nested too deep to be meant well."""
    if body.count(b"[") + body.count(b"{") > MAX_JSON_DEPTH and json_depth(body) > MAX_JSON_DEPTH:
        raise BadRequest(f"The body is nested deeper than {MAX_JSON_DEPTH} levels.")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg} at position {error.pos}.") from error


class Bodies:
    """Reads and checks bodies first; those under a streaming rule pass unread but counted."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        rules: Sequence[BodyRule],
        too_many: SizeRule,
        check: JsonRule,
    ) -> None:
        self._app = app
        self._too_many = too_many
        self._check = check
        self._default = BodyRule(prefix="", limit=limit)
        self._rules = tuple(sorted(rules, key=lambda rule: -len(rule.prefix)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _BODILESS:
            await self._app(scope, receive, send)
            return
        rule = self._rule(scope["path"])
        announced = header(scope, b"content-length")
        if announced is not None and announced.isdigit() and self._too_many(int(announced), rule.limit):
            raise too_large(rule.limit)
        if rule.stream:
            await self._app(scope, self._counted(receive, rule.limit, exchange_of(scope)), send)
            return
        try:
            async with asyncio.timeout(_ARRIVAL_SECONDS):
                body = await self._read(receive, rule.limit)
        except TimeoutError as error:
            raise RequestTimeout(f"The body must arrive within {_ARRIVAL_SECONDS:g} s.") from error
        if body and _is_json(header(scope, b"content-type")):
            self._check(body)
        await self._app(scope, _replayed(body, receive), send)

    def _rule(self, path: str) -> BodyRule:
        return next((rule for rule in self._rules if within(path, (rule.prefix,))), self._default)

    async def _read(self, receive: Receive, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The client went away in the middle of the body.")
            chunk = message.get("body", b"")
            size += len(chunk)
            if self._too_many(size, limit):
                raise too_large(limit)
            chunks.append(chunk)
            if not message.get("more_body"):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _counted(self, receive: Receive, limit: int, exchange: Exchange) -> Receive:
        size = 0

        async def count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if self._too_many(size, limit):
                exchange.body_problem = too_large(limit)
                raise exchange.body_problem
            return message

        return count


def _is_json(content_type: str | None) -> bool:
    media = (content_type or "").partition(";")[0].strip().lower()
    return media == "application/json" or media.endswith("+json")


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
