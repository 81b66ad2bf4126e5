"""The decisions of the MCP servers as small named objects, so that each can be replaced alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from mcp.server.context import HandlerResult
from mcp_types import CallToolResult, TextContent

from reference_impl.kit.access import ANONYMOUS, SCOPE_PRINCIPAL, Principal
from reference_impl.kit.model import Wire
from reference_impl.mcp.errors import ArgumentsRefused
from reference_impl.mcp.models import ToolSpec

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ToolPermission(Protocol):
    """Whether a caller may see, or call, a tool."""

    def __call__(self, principal: Principal, tool: ToolSpec) -> bool: ...


def has_permission(principal: Principal, tool: ToolSpec) -> bool:
    """The tool's permission is among the caller's."""
    return principal.may(tool.permission)


class ReadArguments(Protocol):
    """Returns a call's arguments or raises ArgumentsRefused."""

    def __call__(self, model: type[Wire], given: object) -> Mapping[str, Any]: ...


class OwnOrigin(Protocol):
    """Whether a request was made for this server by a page of this server, or by no page."""

    def __call__(self, host: str | None, origin: str | None) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrigins:
    """The deployment's own origin, further ones that it lists, and for a local one any loopback port."""

    own: str
    listed: frozenset[str] = frozenset()

    def __call__(self, host: str | None, origin: str | None) -> bool:
        if host is None or not self._is_own_host(host):
            return False
        return origin is None or origin in self.listed or self._is_own_origin(origin)

    def _is_own_host(self, host: str) -> bool:
        return host == urlsplit(self.own).netloc or self._is_local(f"http://{host}")

    def _is_own_origin(self, origin: str) -> bool:
        return origin == self.own or self._is_local(origin)

    def _is_local(self, url: str) -> bool:
        """A deployment on loopback is reached by any of its names; no attacker's page has one of them."""
        if urlsplit(self.own).hostname not in _LOOPBACK:
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.hostname in _LOOPBACK and parts.username is None


class Caller(Protocol):
    """Who sent this very message."""

    def __call__(self, request: Any) -> Principal: ...


def principal_of(request: Any) -> Principal:
    """Whoever the message came with; a session's later messages may come with other rights."""
    if request is None:
        return ANONYMOUS
    principal: Principal = request.scope.get(SCOPE_PRINCIPAL) or ANONYMOUS
    return principal


class SessionOwner(Protocol):
    """Whose session a message is for."""

    def __call__(self, principal: Principal, session: str | None) -> str: ...


def sender_owns(principal: Principal, _session: str | None) -> str:
    """Only its own: who sends a message uses no session of anybody else."""
    return principal.subject


class Refusal(Protocol):
    """What a call with arguments that do not fit is answered with."""

    def __call__(self, tool: ToolSpec, refused: ArgumentsRefused) -> CallToolResult: ...


def error_result(tool: ToolSpec, refused: ArgumentsRefused) -> CallToolResult:
    """A result that says it is an error, with what does not fit."""
    text = TextContent(type="text", text=f"The arguments do not fit {tool.name}: {refused}.")
    return CallToolResult(content=[text], is_error=True)


class ToolResult(Protocol):
    """What leaves of a tool's result."""

    def __call__(self, result: HandlerResult) -> HandlerResult: ...


def whole(result: HandlerResult) -> HandlerResult:
    """All of it, the structured content beside the text."""
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class McpPolicies:
    """The decisions in force."""

    list_permission: ToolPermission
    call_permission: ToolPermission
    arguments: ReadArguments
    own_origin: OwnOrigin
    caller: Caller
    session_owner: SessionOwner
    refusal: Refusal
    result: ToolResult
