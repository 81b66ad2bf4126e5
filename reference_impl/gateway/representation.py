"""The form of an answer: 304 when nothing changed, compressed when asked and no secret is in it."""

import gzip
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.gateway.exchange import HeaderList, exchange_of, header, within
from reference_impl.gateway.streams import is_event_stream
from reference_impl.kit.conditional import weak_match, with_coding

_SMALLEST = 512
_LARGEST = 4 * 1024 * 1024
_SECRET_PATHS = ("/auth", "/oauth2", "/_control")
_COMPRESSIBLE = (
    b"application/json",
    b"application/problem+json",
    b"text/",
    b"application/graphql-response+json",
)
Compressor = Callable[[bytes], bytes]


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


def compressors() -> dict[str, Compressor]:
    """The codings that this installation can make, best first."""
    found: dict[str, Compressor] = {}
    if find_spec("brotli") is not None:
        brotli = import_module("brotli")
        found["br"] = lambda body: bytes(brotli.compress(body, quality=4))
    found["gzip"] = _gzip
    return found


@lru_cache(maxsize=256)
def acceptable(accept_encoding: str) -> dict[str, float]:
    """The weights that the client gave, by coding."""
    weights: dict[str, float] = {}
    for part in accept_encoding.split(","):
        coding, _, parameter = part.partition(";")
        name, _, text = parameter.strip().partition("=")
        try:
            weight = float(text) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if coding.strip():
            weights[coding.strip().lower()] = weight
    return weights


class Representation:
    """Holds a short answer back until it is whole, then sends it in the form that was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressors = compressors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = self._choose(header(scope, b"accept-encoding"))
        secret = within(scope["path"], _SECRET_PATHS)
        none_match = header(scope, b"if-none-match") if scope["method"] == "GET" else None
        exchange_of(scope).vary.append("Accept-Encoding")
        if none_match is None and (coding is None or secret):
            await self._app(scope, receive, send)
            return
        form = _Form(
            send, coding=None if secret else coding, none_match=none_match, codings=self._compressors
        )
        await self._app(scope, receive, form)

    def _choose(self, accept_encoding: str | None) -> str | None:
        if not accept_encoding:
            return None
        weights = acceptable(accept_encoding)
        best = max(self._compressors, key=lambda coding: weights.get(coding, weights.get("*", 0.0)))
        return best if weights.get(best, weights.get("*", 0.0)) > 0 else None


class _Form:
    """The sending side of one answer."""

    __slots__ = ("_coding", "_codings", "_none_match", "_send", "_start")

    def __init__(
        self, send: Send, *, coding: str | None, none_match: str | None, codings: dict[str, Compressor]
    ) -> None:
        self._send = send
        self._coding = coding
        self._none_match = none_match
        self._codings = codings
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if is_event_stream(message):  # an event stream begins before its first event
                await self._send(message)
            else:
                self._start = message
            return
        start, self._start = self._start, None
        if start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        headers: HeaderList = list(start["headers"])
        fields = dict(headers)
        body = message.get("body", b"")
        coding = self._coding if not message.get("more_body") and _worth_it(body, fields) else None
        if coding:
            headers = _tagged(headers, coding)
        if self._is_unchanged(start["status"], fields):
            await self._send({"type": "http.response.start", "status": 304, "headers": _of_304(headers)})
            await self._send({"type": "http.response.body", "body": b""})
            self._coding = None
            return
        if coding:
            body = self._codings[coding](body)
            start["headers"] = _coded(headers, coding, len(body))
            message = {"type": "http.response.body", "body": body}
        await self._send(start)
        await self._send(message)

    def _is_unchanged(self, status: int, fields: dict[bytes, bytes]) -> bool:
        etag = fields.get(b"etag")
        if self._none_match is None or etag is None or status != 200:
            return False
        return weak_match(self._none_match, etag.decode("latin-1"))


def _of_304(headers: HeaderList) -> HeaderList:
    return [
        (name, value) for name, value in headers if name in {b"etag", b"cache-control", b"vary", b"location"}
    ]


def _worth_it(body: bytes, fields: dict[bytes, bytes]) -> bool:
    if not _SMALLEST <= len(body) <= _LARGEST or b"content-encoding" in fields or b"set-cookie" in fields:
        return False
    return fields.get(b"content-type", b"").startswith(_COMPRESSIBLE)


def _tagged(headers: HeaderList, coding: str) -> HeaderList:
    """Give the tag of the coded form, in the answer as in the 304 that stands for it (RFC 9110 15.4.5)."""
    return [
        (name, with_coding(value.decode("latin-1"), coding).encode("latin-1") if name == b"etag" else value)
        for name, value in headers
    ]


def _coded(headers: HeaderList, coding: str, length: int) -> HeaderList:
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    return [*kept, (b"content-encoding", coding.encode()), (b"content-length", str(length).encode())]
