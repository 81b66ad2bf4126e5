"""Search answers whatever becomes of the upstream."""

from datetime import UTC, datetime

import pytest

from reference_impl.kit.clock import ManualClock
from reference_impl.kit.problem import Unavailable
from reference_impl.search.errors import UpstreamFailed, UpstreamUnreachable
from reference_impl.search.models import Answer, Hit, Kind, Query, Remembered, Source
from reference_impl.search.policies import OLDEST_SECONDS, Degrade, may_serve
from reference_impl.search.service import SearchService

QUERY = Query(kind=Kind.WEB, text="a")
HIT = Hit(title="T", url="https://x.test/", description="")


class Upstream:
    def __init__(self) -> None:
        self.failure: UpstreamFailed | None = None

    async def find(self, _query: Query) -> tuple[Hit, ...]:
        if self.failure is not None:
            raise self.failure
        return (HIT,)


class Memory:
    def __init__(self) -> None:
        self.kept: dict[Query, Remembered] = {}

    async def recall(self, query: Query) -> Remembered | None:
        return self.kept.get(query)

    async def remember(self, query: Query, remembered: Remembered) -> None:
        self.kept[query] = remembered


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def search(upstream: Upstream, clock: ManualClock) -> SearchService:
    return SearchService(
        upstream=upstream, memory=Memory(), fallback=Degrade(may_serve=may_serve), clock=clock
    )


async def test_an_answer_of_the_upstream_is_fresh(search: SearchService) -> None:
    assert await search.search(QUERY) == Answer(query=QUERY, hits=(HIT,), source=Source.BRAVE)


async def test_an_earlier_answer_is_served_with_its_age_and_the_reason(
    search: SearchService, upstream: Upstream, clock: ManualClock
) -> None:
    await search.search(QUERY)
    upstream.failure = UpstreamUnreachable()
    clock.advance(90)

    answer = await search.search(QUERY)

    assert (answer.source, answer.hits, answer.age_seconds) == (Source.STALE_CACHE, (HIT,), 90)
    assert answer.reason == "upstream-unreachable"
    assert answer.is_degraded


async def test_without_an_earlier_answer_it_is_empty_and_says_so(
    search: SearchService, upstream: Upstream
) -> None:
    upstream.failure = UpstreamUnreachable()

    answer = await search.search(QUERY)

    assert (answer.source, answer.hits, answer.is_degraded) == (Source.DEGRADED, (), True)


async def test_an_answer_is_not_served_for_ever(
    search: SearchService, upstream: Upstream, clock: ManualClock
) -> None:
    await search.search(QUERY)
    upstream.failure = UpstreamUnreachable()
    clock.advance(OLDEST_SECONDS + 1)

    assert (await search.search(QUERY)).source is Source.DEGRADED


async def test_readiness_says_that_the_last_question_was_not_answered(
    search: SearchService, upstream: Upstream
) -> None:
    await search.check_upstream()
    upstream.failure = UpstreamUnreachable()
    await search.search(QUERY)
    with pytest.raises(Unavailable, match="upstream-unreachable"):
        await search.check_upstream()

    upstream.failure = None
    await search.search(QUERY)
    await search.check_upstream()
