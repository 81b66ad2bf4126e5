"""Search with fallbacks: fresh, then an earlier answer, then an empty one that says why."""

from reference_impl.kit.clock import Clock
from reference_impl.kit.problem import Unavailable
from reference_impl.search.errors import UpstreamFailed
from reference_impl.search.models import Answer, Query, Remembered, Source
from reference_impl.search.ports import Fallback, Memory, Upstream


class SearchService:
    """Asks the upstream and remembers; a failing upstream is the fallback's business, never the caller's."""

    def __init__(self, *, upstream: Upstream, memory: Memory, fallback: Fallback, clock: Clock) -> None:
        self._upstream = upstream
        self._memory = memory
        self._fallback = fallback
        self._clock = clock
        self._trouble: str | None = None

    async def search(self, query: Query) -> Answer:
        """Answer; raises only what the fallback policy raises."""
        now = self._clock.now().timestamp()
        try:
            hits = await self._upstream.find(query)
        except UpstreamFailed as failure:
            self._trouble = failure.reason
            return self._fallback(query, failure, await self._memory.recall(query), now=now)
        self._trouble = None
        await self._memory.remember(query, Remembered(hits=hits, at=now))
        return Answer(query=query, hits=hits, source=Source.BRAVE)

    async def check_upstream(self) -> None:
        """Raise Unavailable when the last question was not answered; asking only to see would spend quota."""
        if self._trouble is not None:
            raise Unavailable(f"The last question was not answered: {self._trouble}.")
