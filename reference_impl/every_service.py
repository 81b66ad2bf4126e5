"""Makes every service of the reference and connects their ports."""

from reference_impl.chapters import wiring as chapters
from reference_impl.kit.access import Principal, granted
from reference_impl.kit.composition import Kit
from reference_impl.mcp import wiring as mcp
from reference_impl.mcp.models import Hit, SearchAnswer
from reference_impl.search import wiring as search
from reference_impl.search.models import Kind, Query
from reference_impl.search.service import SearchService
from reference_impl.services import Services, foundation
from reference_impl.storage import wiring as storage


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
    """Make them all; each takes the others' ports from here and knows none of them."""
    base = foundation(kit)
    documents = chapters.assemble(kit, authenticator=base.identities.authenticator)
    objects = storage.assemble(kit)
    searching = search.assemble(kit, guards=base.guarding.guard)
    tools = mcp.assemble(kit, search=SearchForTools(searching.service))
    return Services(
        assembled=(
            base.identities.assembled,
            base.guarding.assembled,
            searching.assembled,
            base.messages,
            documents,
            objects,
            tools,
        ),
        authenticator=base.identities.authenticator,
    )
