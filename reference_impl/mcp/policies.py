"""The decisions of the MCP servers as small named objects, so that each can be replaced alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from reference_impl.kit.access import Principal
from reference_impl.kit.model import Wire
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


@dataclass(frozen=True, slots=True, kw_only=True)
class McpPolicies:
    """The decisions in force."""

    list_permission: ToolPermission
    call_permission: ToolPermission
    arguments: ReadArguments
    own_origin: OwnOrigin
