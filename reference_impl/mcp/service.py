"""The registry of MCP servers: lists, describes and checks them."""

from collections.abc import Sequence

from reference_impl.kit.access import Principal
from reference_impl.kit.problem import Problem
from reference_impl.mcp import brave_search
from reference_impl.mcp.models import ServerStatus
from reference_impl.mcp.policies import McpPolicies
from reference_impl.mcp.ports import SearchPort


class McpRegistry:
    """What callers may know about the servers."""

    def __init__(self, *, search: SearchPort, policies: McpPolicies, url: str) -> None:
        self._search = search
        self._policies = policies
        self._url = url

    async def servers(self, principal: Principal) -> Sequence[ServerStatus]:
        """Every server with the tools that the caller may see."""
        tools = tuple(
            tool for tool in brave_search.TOOLS.values() if self._policies.list_permission(principal, tool)
        )
        reason = await self._trouble()
        return (
            ServerStatus(
                name=brave_search.NAME,
                title=brave_search.TITLE,
                version=brave_search.VERSION,
                url=self._url,
                healthy=reason is None,
                reason=reason,
                tools=tools,
                fingerprint=brave_search.fingerprint(tools),
            ),
        )

    async def _trouble(self) -> str | None:
        try:
            await self._search.check()
        except Problem as problem:
            return problem.detail
        return None
