"""The MCP registry and the protected resource metadata over HTTP."""

from fastapi import APIRouter

from reference_impl.kit.access import Principal, public, require
from reference_impl.mcp.schemas import ResourceMetadataOut, ServersOut
from reference_impl.mcp.service import McpRegistry

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def build(registry: McpRegistry, metadata: ResourceMetadataOut, *, path: str) -> APIRouter:
    """The routes beside the servers themselves."""
    router = APIRouter(tags=["mcp"])

    @router.get("/api/mcp/servers", summary="List, describe and check the MCP servers.")
    async def list_mcp_servers(principal: Principal = require(None)) -> ServersOut:
        return ServersOut.of(await registry.servers(principal))

    @router.get(
        f"{WELL_KNOWN}{path}",
        dependencies=[public()],
        summary="Tell where tokens for the brave-search server come from (RFC 9728).",
    )
    async def describe_brave_search() -> ResourceMetadataOut:
        return metadata

    return router
