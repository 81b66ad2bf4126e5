"""The door before an MCP server: own origin only, a known identity, sessions bound to it."""

import asyncio
import contextlib
from typing import Any

from mcp.server import MCPServer
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecuritySettings

from reference_impl.kit.access import SCOPE_PRINCIPAL, SCOPE_REFUSAL, Principal, granted
from reference_impl.kit.asgi import Headers, Receive, Scope, Send
from reference_impl.kit.problem import Unauthorized, UnsupportedMedia
from reference_impl.mcp.errors import ForeignOrigin
from reference_impl.mcp.policies import McpPolicies

_IDLE_SECONDS = 1800.0
_MOST_SESSIONS = 1000


class Door:
    """One server's ASGI application, and the task that its sessions live in."""

    def __init__(
        self, server: MCPServer[Any], *, policies: McpPolicies, metadata_url: str, body_limit: int
    ) -> None:
        self._policies = policies
        self._metadata_url = metadata_url
        # Only the session manager is used: origin, identity and metadata are this door's.
        server.streamable_http_app(
            session_idle_timeout=_IDLE_SECONDS,
            max_sessions=_MOST_SESSIONS,
            max_request_body_size=body_limit,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._sessions = server.session_manager
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if not self._policies.own_origin(headers.get("host"), headers.get("origin")):
            raise ForeignOrigin
        principal = self._admitted(scope)
        if scope["method"] == "POST" and not _is_json(headers.get("content-type")):
            raise UnsupportedMedia("Send MCP messages as application/json.")
        owner = self._policies.session_owner(principal, headers.get("mcp-session-id"))
        inside = dict(scope) | {"user": _user(principal, owner)}
        await self._sessions.handle_request(inside, receive, send)

    async def open(self) -> None:
        """Start the task that sessions live in; returns when requests can be served."""
        ready = asyncio.Event()
        self._running = asyncio.create_task(self._run(ready))
        await ready.wait()

    async def close(self) -> None:
        """End all sessions."""
        if self._running is None:
            return
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running

    async def _run(self, ready: asyncio.Event) -> None:
        async with self._sessions.run():
            ready.set()
            await asyncio.Event().wait()

    def _admitted(self, scope: Scope) -> Principal:
        try:
            return granted(scope.get(SCOPE_PRINCIPAL), scope.get(SCOPE_REFUSAL), None)
        except Unauthorized as refusal:
            raise Unauthorized(
                refusal.detail,
                error=refusal.error,
                challenge={"resource_metadata": self._metadata_url},
            ) from None


def _user(principal: Principal, owner: str) -> AuthenticatedUser:
    """What a session is bound to; the token itself stays outside."""
    return AuthenticatedUser(
        AccessToken(
            token="",
            client_id=principal.kind.value,
            scopes=sorted(principal.permissions),
            subject=owner,
            claims={"iss": principal.tenant},
        )
    )


def _is_json(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() == "application/json"
