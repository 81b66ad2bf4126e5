"""Puts the MCP servers together: their policies by name, the server, its door and the registry."""

from reference_impl.kit.composition import Assembled, Kit, Mount
from reference_impl.mcp import api, policies
from reference_impl.mcp.arguments import read_arguments
from reference_impl.mcp.brave_search import NAME, TITLE, TOOLS, build_server
from reference_impl.mcp.door import Door
from reference_impl.mcp.policies import KnownOrigins, McpPolicies
from reference_impl.mcp.ports import SearchPort
from reference_impl.mcp.schemas import ResourceMetadataOut
from reference_impl.mcp.service import McpRegistry

PATH = f"/mcp/{NAME}"


def register(kit: Kit) -> McpPolicies:
    """Name the decisions of the MCP servers and take back what is in force."""
    table = kit.policies
    origins = KnownOrigins(own=kit.settings.origin, listed=frozenset(kit.settings.cors_origins))
    table.register("mcp.list_permission", policies.has_permission)
    table.register("mcp.call_permission", policies.has_permission)
    table.register("mcp.arguments", read_arguments)
    table.register("mcp.own_origin", origins)
    table.register("mcp.caller", policies.principal_of)
    table.register("mcp.session_owner", policies.sender_owns)
    table.register("mcp.refusal", policies.error_result)
    table.register("mcp.result", policies.whole)
    return McpPolicies(
        list_permission=table["mcp.list_permission"],
        call_permission=table["mcp.call_permission"],
        arguments=table["mcp.arguments"],
        own_origin=table["mcp.own_origin"],
        caller=table["mcp.caller"],
        session_owner=table["mcp.session_owner"],
        refusal=table["mcp.refusal"],
        result=table["mcp.result"],
    )


def assemble(kit: Kit, *, search: SearchPort) -> Assembled:
    """The brave-search server, mounted, with the registry and its metadata."""
    decided = register(kit)
    kit.policies.register("mcp.search", search)
    port: SearchPort = kit.policies["mcp.search"]
    origin = kit.settings.origin
    metadata = ResourceMetadataOut(
        resource=f"{origin}{PATH}",
        resource_name=TITLE,
        authorization_servers=[origin],
        scopes_supported=sorted({tool.permission for tool in TOOLS.values()}),
        bearer_methods_supported=["header"],
    )
    server = build_server(port, decided)
    door = Door(
        server,
        policies=decided,
        metadata_url=f"{origin}{api.WELL_KNOWN}{PATH}",
        body_limit=kit.settings.body_limit,
    )
    registry = McpRegistry(search=port, policies=decided, url=f"{origin}{PATH}")
    return Assembled(
        name="mcp",
        service=registry,
        routers=(api.build(registry, metadata, path=PATH),),
        mounts=(Mount(path=PATH, app=door, public=True, methods=("GET", "POST", "DELETE")),),
        startup=(door.open,),
        shutdown=(door.close,),
    )
