"""Turns a draft into a redacted exchange and writes it; nothing secret passes this door."""

import base64
import re
import zlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

from harness.core.exchange import Exchange, Protocol, Request, Response, exchange_to_json
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.evidence.draft import KEPT, Body, Draft, Headers
from harness.evidence.lines import LineWriter

#: Longer bodies are cut here and say so.
LONGEST_BODY = 64 * 1024

_ID = re.compile(rb'^\{"id":"([a-z]+)-(\d+)"')


class Scribe:
    """Numbers, redacts and writes the exchanges of one layer."""

    def __init__(self, layer: Layer, out: Path, redactor: Redactor, *, mcp: tuple[str, ...] = ()) -> None:
        self._layer = layer
        self._redactor = redactor
        self._mcp = mcp
        self._identities: dict[tuple[str, str], str] = {}
        self._last = _last_number(out, layer)
        self._lines = LineWriter(out)
        self._fault_epoch = 0
        self._fault_active = False
        self.written = 0
        self.gaps = 0
        self.refusals: dict[str, int] = {}

    def know(self, name: str, headers: Mapping[str, str]) -> None:
        """Recognise an identity by the headers that authenticate it."""
        for header, value in headers.items():
            self._identities[(header.lower(), value)] = name
            self._redactor.learn(value.partition(" ")[2] or value)

    def learn(self, *secrets: str) -> None:
        """Redact these from now on."""
        self._redactor.learn(*secrets)

    def set_fault(self, *, active: bool) -> None:
        """Mark what is on its way now and what comes until this is taken back."""
        self._fault_active = active
        self._fault_epoch += 1

    def begin(self, draft: Draft) -> None:
        """Note on a fresh draft whether a fault is active."""
        draft.fault_epoch = -1 if self._fault_active else self._fault_epoch

    def write(self, draft: Draft) -> None:
        """Write a draft as an exchange."""
        self._last += 1
        self.written += 1
        self.gaps += bool(draft.gap)
        self._count_refusal(draft)
        self._lines.append(exchange_to_json(self._exchange(draft)))

    def _count_refusal(self, draft: Draft) -> None:
        """Count the 401 in a row of each known credential."""
        identity = self._identity(draft.request_headers)
        if identity and draft.status is not None:
            self.refusals[identity] = self.refusals.get(identity, 0) + 1 if draft.status == 401 else 0

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def _exchange(self, draft: Draft) -> Exchange:
        return Exchange(
            id=f"{self._layer.value}-{self._last}",
            layer=self._layer,
            protocol=self._protocol(draft),
            step=self._redactor.text(draft.request_header(b"harness-step")),
            identity=draft.request_header(b"harness-identity") or self._identity(draft.request_headers),
            fault_active=self._fault_active or draft.fault_epoch != self._fault_epoch,
            started=draft.started.isoformat(timespec="milliseconds"),
            request=Request(
                method=self._redactor.text(draft.method),
                target=self._redactor.text(draft.target),
                **self._message(draft.request_headers, draft.request_body, draft, "request"),
            ),
            response=self._response(draft),
            gap=draft.gap,
            notes=self._notes(draft),
        )

    def _response(self, draft: Draft) -> Response | None:
        if draft.status is None:
            return None
        elapsed = 0.0 if draft.request_end is None else max(0.0, draft.response_start - draft.request_end)
        return Response(
            status=draft.status,
            elapsed=round(elapsed, 6),
            **self._message(draft.response_headers, draft.response_body, draft, "response"),
        )

    def _protocol(self, draft: Draft) -> Protocol:
        if draft.status == 101:
            return Protocol.WEBSOCKET
        if draft.target.split("?", 1)[0].rstrip("/") in self._mcp:
            return Protocol.MCP
        return Protocol.SSE if draft.is_event_stream else Protocol.HTTP

    def _identity(self, headers: Headers) -> str:
        for name, value in headers:
            found = self._identities.get((name.decode("latin-1").lower(), value.decode("latin-1")))
            if found is not None:
                return found
        return ""

    def _notes(self, draft: Draft) -> Mapping[str, str]:
        notes = {name: self._redactor.text(value) for name, value in draft.notes.items()}
        if draft.raw:
            notes["raw"] = self._redactor.text(draft.raw.decode("utf-8", "backslashreplace"))
        return notes

    def _message(self, headers: Headers, body: Body, draft: Draft, side: str) -> "_Message":
        content = _decoded(headers, bytes(body.content))
        if content is None:
            draft.notes[f"{side}-body"] = "its content encoding cannot be read here"
            content = b""
        text, is_base64, is_cut = self._text(content, is_whole=body.is_whole and len(content) < KEPT)
        return {
            "headers": self._redactor.headers((_readable(name), _readable(value)) for name, value in headers),
            "body": text if body.size else None,
            "body_is_base64": is_base64,
            "body_size": body.size,
            "is_truncated": is_cut,
        }

    def _text(self, content: bytes, *, is_whole: bool) -> tuple[str, bool, bool]:
        """Redact, then cut: a secret that stands on the cut is whole when it is looked for."""
        try:
            text = self._redactor.text(_utf8(content, is_whole=is_whole))
        except UnicodeDecodeError:
            redacted = self._redactor.bytes(content)
            limit = _limit(len(redacted), is_whole=is_whole)
            return base64.b64encode(redacted[:limit]).decode(), True, limit < len(redacted) or not is_whole
        limit = _limit(len(text), is_whole=is_whole)
        return text[:limit], False, limit < len(text) or not is_whole


class _Message(TypedDict):
    headers: tuple[tuple[str, str], ...]
    body: str | None
    body_is_base64: bool
    body_size: int
    is_truncated: bool


def _limit(length: int, *, is_whole: bool) -> int:
    """Return where to cut; of a body whose end was not kept the last part may hold half a secret."""
    return min(LONGEST_BODY, length if is_whole else max(0, length - (KEPT - LONGEST_BODY)))


def _utf8(content: bytes, *, is_whole: bool) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        if is_whole or problem.start < len(content) - 3:
            raise
        return content[: problem.start].decode("utf-8")  # a character that stands on the cut


def _readable(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _decoded(headers: Headers, content: bytes) -> bytes | None:
    """Undo the content encoding; None when it cannot be undone: what cannot be read may hold secrets."""
    encodings = [
        part.strip()
        for name, value in headers
        if name.lower() == b"content-encoding"
        for part in value.decode("latin-1").lower().split(",")
    ]
    for encoding in reversed(encodings):
        plain = _undo(encoding, content)
        if plain is None:
            return None
        content = plain
    return content


def _undo(encoding: str, content: bytes) -> bytes | None:
    try:
        match encoding:
            case "" | "identity":
                return content
            case "gzip" | "x-gzip":
                return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, KEPT)
            case "deflate":
                return zlib.decompressobj().decompress(content, KEPT)
            case "br":
                return _unbrotli(content)
            case _:
                return None
    except zlib.error:
        return None


def _unbrotli(content: bytes) -> bytes | None:
    try:
        brotli: Any = import_module("brotli")
    except ImportError:  # then no client of ours asks for it either
        return None
    try:
        return bytes(brotli.Decompressor().process(content, output_buffer_limit=KEPT))[:KEPT]
    except brotli.error:
        return None


def _last_number(out: Path, layer: Layer) -> int:
    """Return the highest number of this layer in the file; a layer may be recorded in several goes."""
    last = 0
    try:
        with out.open("rb") as stream:
            for line in stream:
                match = _ID.match(line)
                if match is not None and match[1].decode() == layer.value:
                    last = max(last, int(match[2]))
    except FileNotFoundError:
        pass
    return last
