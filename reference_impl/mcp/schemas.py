"""The wire types of the MCP registry."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from reference_impl.kit.model import Wire
from reference_impl.mcp.models import ServerStatus, ToolSpec


class ToolOut(Wire):
    name: str
    title: str
    description: str
    permission: str = Field(description="What a caller needs to call it.")

    @classmethod
    def of(cls, tool: ToolSpec) -> "ToolOut":
        return cls(name=tool.name, title=tool.title, description=tool.description, permission=tool.permission)


class ServerOut(Wire):
    name: str
    title: str
    version: str
    url: str
    transport: Literal["streamable-http"]
    status: Literal["healthy", "degraded"]
    reason: str | None
    fingerprint: str = Field(description="SHA-256 over the tools that you see; it changes when they do.")
    tools: list[ToolOut]

    @classmethod
    def of(cls, server: ServerStatus) -> "ServerOut":
        return cls(
            name=server.name,
            title=server.title,
            version=server.version,
            url=server.url,
            transport="streamable-http",
            status="healthy" if server.healthy else "degraded",
            reason=server.reason,
            fingerprint=server.fingerprint,
            tools=[ToolOut.of(tool) for tool in server.tools],
        )


class ServersOut(Wire):
    servers: list[ServerOut]

    @classmethod
    def of(cls, servers: Sequence[ServerStatus]) -> "ServersOut":
        return cls(servers=[ServerOut.of(server) for server in servers])


class ResourceMetadataOut(Wire):
    """Protected resource metadata (RFC 9728)."""

    resource: str
    resource_name: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
