"""Which services there are, under which paths, and how their ports are connected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reference_impl.auth import wiring as auth
from reference_impl.breakers import wiring as breakers
from reference_impl.chapters import wiring as chapters
from reference_impl.hub import wiring as hub
from reference_impl.kit.access import Authenticator, Principal, granted
from reference_impl.kit.composition import Assembled, Kit
from reference_impl.mcp import wiring as mcp
from reference_impl.mcp.models import Hit, SearchAnswer
from reference_impl.search import wiring as search
from reference_impl.search.models import Kind, Query
from reference_impl.search.service import SearchService
from reference_impl.storage import wiring as storage

PREFIXES: Mapping[str, tuple[str, ...]] = {
    "auth": ("/auth", "/.well-known/jwks.json"),
    "breakers": ("/api/circuit-breakers",),
    "search": ("/api/search",),
    "hub": ("/api/hub",),
    "chapters": ("/graphql",),
    "storage": ("/api/storage",),
    "mcp": ("/mcp", "/api/mcp", "/.well-known/oauth-protected-resource"),
}
TAGS: Mapping[str, str] = {
    "auth": "Registration, sign-in, tokens, roles and the audit trail.",
    "breakers": "Circuit breakers: their state, health, alerts and monitoring.",
    "search": "Web and news search with fallback.",
    "hub": "Messages to channels: durable, by priority, with dead letters.",
    "chapters": "Documents and their chapters over GraphQL.",
    "storage": "Objects.",
    "mcp": "Model Context Protocol servers.",
    "operations": "Health, metrics and documents about this API.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one process, and who tells identities."""

    assembled: Sequence[Assembled]
    authenticator: Authenticator


class SearchForTools:
    """Gives the MCP tools the search service in the words that they know."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    async def web(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return await self._find(principal, Query(kind=Kind.WEB, text=query, count=count))

    async def news(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return await self._find(principal, Query(kind=Kind.NEWS, text=query, count=count))

    async def check(self) -> None:
        await self._service.check_upstream()

    async def _find(self, principal: Principal, query: Query) -> SearchAnswer:
        granted(principal, None, None)  # the permission is the tool's, and checked at its call
        answer = await self._service.search(query)
        hits = tuple(
            Hit(title=each.title, url=each.url, description=each.description, published=each.age)
            for each in answer.hits
        )
        return SearchAnswer(hits=hits, degraded=answer.is_degraded)


def reference_services(kit: Kit) -> Services:
    """Make every service; each takes the others' ports from here and knows none of them."""
    identities = auth.assemble(kit)
    authenticator = identities.authenticator
    guarding = breakers.assemble(kit)
    messages = hub.assemble(kit, authenticator=authenticator, guards=guarding.guard)
    documents = chapters.assemble(kit, authenticator=authenticator)
    objects = storage.assemble(kit)
    searching = search.assemble(kit, guards=guarding.guard)
    tools = mcp.assemble(kit, search=SearchForTools(searching.service))
    return Services(
        assembled=(
            identities.assembled,
            guarding.assembled,
            searching.assembled,
            messages,
            documents,
            objects,
            tools,
        ),
        authenticator=authenticator,
    )
