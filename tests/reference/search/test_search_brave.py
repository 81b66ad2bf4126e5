"""The Brave client: what it asks, what it believes, and how it fails."""

import random
from datetime import UTC, datetime

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.kit.clock import ManualClock
from reference_impl.kit.http import NoGuard, NotPermitted, Outbound
from reference_impl.kit.telemetry import Metrics
from reference_impl.search.brave import BraveSearch, hits_of, is_web_address
from reference_impl.search.errors import (
    QuotaSpent,
    UpstreamFailed,
    UpstreamGuarded,
    UpstreamNonsense,
    UpstreamRefused,
    UpstreamUnreachable,
)
from reference_impl.search.models import Freshness, Hit, Kind, Query

WEB = "https://brave.test/res/v1/web/search"
NEWS = "https://brave.test/res/v1/news/search"
GOOD = {"web": {"results": [{"title": "T", "url": "https://x.test/", "description": "D", "age": "1 day"}]}}


class Shut:
    async def call(self, fn: object) -> object:
        raise NotPermitted


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def brave(clock: ManualClock) -> BraveSearch:
    http = Outbound(clock=clock, metrics=Metrics(), random=random.Random(1))
    return BraveSearch(base_url="https://brave.test/", token="t0ken", http=http, guard=NoGuard(), clock=clock)


@respx.mock
async def test_the_question_is_asked_as_the_upstream_wants_it(brave: BraveSearch) -> None:
    route = respx.get(WEB).respond(json=GOOD)

    found = await brave.find(Query(kind=Kind.WEB, text="a b", count=3, offset=1, freshness=Freshness.WEEK))

    assert found == (Hit(title="T", url="https://x.test/", description="D", age="1 day"),)
    request = route.calls.last.request
    assert dict(request.url.params) == {"q": "a b", "count": "3", "offset": "1", "freshness": "pw"}
    assert request.headers["X-Subscription-Token"] == "t0ken"


@respx.mock
async def test_news_come_from_the_top_level_of_their_answer(brave: BraveSearch) -> None:
    respx.get(NEWS).respond(json={"results": GOOD["web"]["results"]})

    assert len(await brave.find(Query(kind=Kind.NEWS, text="a"))) == 1


@respx.mock
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(500), UpstreamUnreachable),
        (httpx.Response(401), UpstreamRefused),
        (httpx.Response(200, text="<html>"), UpstreamNonsense),
        (httpx.Response(200, json=[]), UpstreamNonsense),
        (httpx.Response(200, json={"web": []}), UpstreamNonsense),
        (httpx.ConnectError("refused"), UpstreamUnreachable),
        (httpx.ReadTimeout("late"), UpstreamUnreachable),
        (httpx.RemoteProtocolError("cut"), UpstreamUnreachable),
    ],
)
async def test_every_way_to_fail_has_a_name(
    brave: BraveSearch, answer: httpx.Response | Exception, failure: type[UpstreamFailed]
) -> None:
    respx.get(WEB).mock(
        **({"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer})
    )

    with pytest.raises(failure):
        await brave.find(Query(kind=Kind.WEB, text="a"))


@respx.mock
async def test_a_passing_failure_is_tried_once_more(brave: BraveSearch) -> None:
    route = respx.get(WEB).mock(side_effect=[httpx.Response(503), httpx.Response(200, json=GOOD)])

    assert await brave.find(Query(kind=Kind.WEB, text="a"))
    assert route.call_count == 2


@respx.mock
async def test_after_a_429_nothing_is_asked_until_its_time_has_passed(
    brave: BraveSearch, clock: ManualClock
) -> None:
    route = respx.get(WEB).respond(429, headers={"Retry-After": "30"})
    query = Query(kind=Kind.WEB, text="a")
    with pytest.raises(QuotaSpent):
        await brave.find(query)
    asked = route.call_count

    with pytest.raises(QuotaSpent):
        await brave.find(query)
    assert route.call_count == asked

    clock.advance(31)
    route.respond(json=GOOD)
    assert await brave.find(query)


async def test_an_open_breaker_is_a_failure_like_others(clock: ManualClock) -> None:
    http = Outbound(clock=clock, metrics=Metrics())
    shut = BraveSearch(base_url="https://brave.test", token="t", http=http, guard=Shut(), clock=clock)  # type: ignore[arg-type]  # a guard that never calls

    with pytest.raises(UpstreamGuarded):
        await shut.find(Query(kind=Kind.WEB, text="a"))


def test_markup_is_taken_out_and_results_without_a_safe_link_are_left_out() -> None:
    results = [
        {"title": "<b>A</b> &amp; B", "url": "https://x.test/1", "description": "<script>x</script>y"},
        {"title": "bad", "url": "javascript:alert(1)"},
        {"title": "", "url": "https://x.test/2"},
        {"title": "no url"},
        "nonsense",
    ]

    (only,) = hits_of(Kind.NEWS, httpx.Response(200, json={"results": results}))

    assert only == Hit(title="A & B", url="https://x.test/1", description="xy")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_answer_of_the_upstream_raises_anything_but_a_named_failure(document: object) -> None:
    response = httpx.Response(200, json={"web": {"results": [document]}, "results": [document]})
    for kind in Kind:
        for hit in hits_of(kind, response):
            assert is_web_address(hit.url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.test/",
        "https://u:p@x.test/",
        "https://",
        "http://[",
        "https://x.test/ a",
        "//x.test",
        "x" * 3000,
    ],
)
def test_these_are_no_links_to_follow(url: str) -> None:
    assert not is_web_address(url)
