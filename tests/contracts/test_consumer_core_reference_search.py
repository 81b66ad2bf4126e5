"""What the reference's real search client expects of the Brave Search API."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from pact import Pact, match

from reference_impl.kit.clock import SystemClock
from reference_impl.kit.http import NoGuard, Outbound
from reference_impl.kit.telemetry import Metrics
from reference_impl.search.brave import BraveSearch
from reference_impl.search.errors import QuotaSpent
from reference_impl.search.models import Hit, Kind, Query
from tests.contracts.consuming import committed, keep

CONSUMER, PROVIDER = "core-reference", "brave-search"


async def _find(url: str, kind: Kind) -> tuple[Hit, ...]:
    clock = SystemClock()
    http = Outbound(clock=clock, metrics=Metrics(), random=random.Random(1))
    search = BraveSearch(base_url=url, token="a-token", http=http, guard=NoGuard(), clock=clock)
    try:
        return await search.find(Query(kind=kind, text="circuit breakers", count=10, offset=0))
    finally:
        await http.close()


def _request(interaction: Any, kind: Kind) -> Any:
    return (
        interaction.with_request("GET", f"/res/v1/{kind.value}/search")
        .with_header("X-Subscription-Token", match.like("a-token"))
        .with_header("Accept", "application/json")
        .with_query_parameter("q", match.like("circuit breakers"))
        .with_query_parameter("count", match.regex("10", regex=r"^([1-9]|1\d|20)$"))
        .with_query_parameter("offset", match.regex("0", regex=r"^\d$"))
    )


def _result() -> dict[str, object]:
    return {
        "title": match.str("Circuit <strong>breakers</strong>"),
        "url": match.regex("https://example.org/1", regex=r"^https?://\S+$"),
        "description": match.str("What they are."),
        "age": match.str("2 days ago"),
    }


def _answers(pact: Pact, kind: Kind) -> None:
    interaction = _request(pact.upon_receiving(f"searches the {kind.value}"), kind)
    results = {"results": match.each_like(_result())}
    interaction.will_respond_with(200).with_body({"web": results} if kind is Kind.WEB else results)


def _throttles(pact: Pact) -> None:
    interaction = pact.upon_receiving("searches the web").given("the service throttles", mode="rate-limited")
    _request(interaction, Kind.WEB).will_respond_with(429).with_header(
        "Retry-After", match.regex("1", regex=r"^\d+$")
    )


def _pact() -> Pact:
    return Pact(CONSUMER, PROVIDER).with_specification("V4")


def _search(kind: Kind, folder: Path) -> tuple[Hit, ...]:
    pact = _pact()
    _answers(pact, kind)
    with pact.serve() as mock:
        hits = asyncio.run(_find(str(mock.url), kind))
    pact.write_file(folder)
    return hits


def _search_throttled(folder: Path) -> float:
    pact = _pact()
    _throttles(pact)
    with pact.serve() as mock, pytest.raises(QuotaSpent) as spent:
        asyncio.run(_find(str(mock.url), Kind.WEB))
    pact.write_file(folder)
    return spent.value.seconds


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_the_search_client_reads_results_as_plain_text(kind: Kind, tmp_path: Path) -> None:
    hits = _search(kind, tmp_path)

    assert [(hit.title, hit.url) for hit in hits] == [("Circuit breakers", "https://example.org/1")]


def test_the_search_client_learns_how_long_to_wait_when_throttled(tmp_path: Path) -> None:
    assert _search_throttled(tmp_path) == 1.0


def test_the_committed_pact_with_the_search_service_is_what_its_tests_write(tmp_path: Path) -> None:
    for kind in Kind:
        _search(kind, tmp_path)
    _search_throttled(tmp_path)
    fresh = keep(tmp_path / f"{CONSUMER}-{PROVIDER}.json")

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
