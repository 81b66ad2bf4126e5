"""What the MCP servers need: a search behind their tools."""

from typing import Protocol

from reference_impl.kit.access import Principal
from reference_impl.mcp.models import SearchAnswer


class SearchPort(Protocol):
    """Searches for a caller; raises problems, as a service does."""

    async def web(self, principal: Principal, query: str, *, count: int) -> SearchAnswer: ...

    async def news(self, principal: Principal, query: str, *, count: int) -> SearchAnswer: ...

    async def check(self) -> None:
        """Raise with the reason when searching does not work."""
