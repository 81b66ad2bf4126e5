"""Idempotency-Key: a POST that is sent twice is carried out once."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.gateway.exchange import exchange_of, header, within
from reference_impl.gateway.store import Keys, Stored
from reference_impl.kit.access import SCOPE_PRINCIPAL, Kind, Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.problem import BadRequest, Conflict, FieldError, Problem, Unprocessable
from reference_impl.kit.versioning import SCOPE_VERSION

SCOPE_KEY = "core.idempotency_key"
_KEY = re.compile(r"[!-~]{1,255}")
_KEPT = timedelta(hours=24)
_ABANDONED = timedelta(seconds=60)
_REPLAYED_HEADERS = frozenset({"content-type", "location", "etag"})
_NEVER = ("/auth/login", "/auth/refresh", "/graphql", "/mcp", "/_control", "/oauth2")
"""Answers with secrets in them are not stored; GraphQL and MCP carry several requests in one."""
SameRequest = Callable[[str, str], bool]
KeyOwner = Callable[[Scope], str]


class KeyReused(Unprocessable):
    slug = "idempotency-key-reused"
    title = "The idempotency key belongs to another request"


class KeyInFlight(Conflict):
    slug = "idempotency-key-in-flight"
    title = "The first request with this key is still under way"


def same_request(stored: str, fingerprint: str) -> bool:
    return stored == fingerprint


def caller(scope: Scope) -> str:
    """Keys belong to the identity that sent them: another's key of the same name is another key."""
    principal: Principal | None = scope.get(SCOPE_PRINCIPAL)
    if principal is None or principal.kind is Kind.ANONYMOUS:
        return "anonymous"
    return sha256(f"{principal.tenant}\x1f{principal.subject}".encode()).hexdigest()


class Idempotency:
    """Keeps the answer of the first request with a key and gives it to those that repeat it."""

    def __init__(
        self, app: ASGIApp, *, store: Keys, clock: Clock, same: SameRequest, owner: KeyOwner
    ) -> None:
        self._app = app
        self._store = store
        self._clock = clock
        self._same = same
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = header(scope, b"idempotency-key") if _applies(scope) else None
        if key is None:
            await self._app(scope, receive, send)
            return
        key = _checked(key)
        scope[SCOPE_KEY] = key
        owner = self._owner(scope)
        body = await _whole(receive)
        fingerprint = _fingerprint(scope, body)
        claim = secrets.token_hex(16)
        now = self._clock.now()
        stored = await self._store.claim(owner, key, fingerprint, claim, now, stale_before=now - _ABANDONED)
        if stored is not None:
            await self._replay(stored, fingerprint, scope, send)
            return
        await self._run(scope, receive, send, body=body, owner=owner, key=key, claim=claim)

    async def _replay(self, stored: Stored, fingerprint: str, scope: Scope, send: Send) -> None:
        if not self._same(stored.fingerprint, fingerprint):
            raise KeyReused("This Idempotency-Key was used for a request with other content. Use a new key.")
        if stored.status is None:
            raise KeyInFlight("Wait for the first request, then ask again.", headers={"Retry-After": "1"})
        exchange_of(scope).add("Idempotency-Replayed", "true")
        headers = [(name.encode(), value.encode("latin-1")) for name, value in stored.headers]
        headers.append((b"content-length", str(len(stored.body)).encode()))
        await send({"type": "http.response.start", "status": stored.status, "headers": headers})
        await send({"type": "http.response.body", "body": stored.body})

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, *, body: bytes, owner: str, key: str, claim: str
    ) -> None:
        answer = _Kept(send)
        try:
            await self._app(scope, _given(body, receive), answer)
        except BaseException:
            await self._store.release(owner, key, claim)
            raise
        if not 200 <= answer.status < 300 or answer.streamed:
            await self._store.release(owner, key, claim)
        else:
            await self._store.finish(
                owner, key, claim, status=answer.status, headers=answer.headers, body=answer.body
            )
        await answer.flush()

    async def forget_old(self) -> None:
        """Delete what was kept long enough, every hour."""
        while True:
            await self._clock.sleep(3600)
            await self._store.forget(self._clock.now(), _KEPT)


def _applies(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and not within(scope["path"], _NEVER)


def parameter() -> dict[str, Any]:
    """What the OpenAPI document says of the header at every operation that creates."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Repeated with the same key and body, the request answers the same and acts once.",
        "schema": {"type": "string", "pattern": f"^{_KEY.pattern}$"},
        "example": "3f0d6a9e-0f43-4a52-9c1f-1f2a6f8f0c11",
    }


def _checked(key: str) -> str:
    text = key.strip()
    if _KEY.fullmatch(text):
        return text
    problem: Problem = BadRequest(
        "Idempotency-Key must be 1 to 255 visible ASCII characters.",
        errors=(FieldError(pointer="/Idempotency-Key", detail="not usable as a key", location="header"),),
    )
    raise problem


def _fingerprint(scope: Scope, body: bytes) -> str:
    version = str(int(scope.get(SCOPE_VERSION, 0)))
    media = header(scope, b"content-type") or ""
    parts = (scope["path"].encode(), scope["query_string"], version.encode(), media.encode("latin-1"), body)
    return sha256(b"\x1f".join(parts)).hexdigest()


async def _whole(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _given(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return messages.pop() if messages else await receive()

    return give


class _Kept:
    """Holds a short answer until it is stored, so that no client sees an answer that can be lost."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.streamed = False

    async def __call__(self, message: Message) -> None:
        if self.streamed:
            await self._send(message)
            return
        self._messages.append(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            self.headers = [(name, value) for name, value in pairs if name in _REPLAYED_HEADERS]
        elif message.get("more_body"):
            self.streamed = True
            await self.flush()
        else:
            self.body = message.get("body", b"")

    async def flush(self) -> None:
        messages, self._messages = self._messages, []
        for message in messages:
            await self._send(message)
