"""Metrics count what happened, no more and no less."""

from collections.abc import Callable

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account
from harness.layers.scenarios.metrics import Samples
from harness.layers.scenarios.polling import Eventually

_COUNTER = "http_requests_total"
_TIMES = 7
Scrape = Callable[[], Samples]


def check_counted(
    scrape: Scrape, eventually: Eventually, act: Callable[[], httpx.Response], route: str
) -> None:
    """The counter of a route and status rises by exactly the requests made, and no other status' does."""
    act()
    before = scrape()
    status = str(act().status_code)
    for _ in range(_TIMES - 1):
        act()

    def risen() -> None:
        after = scrape()
        rise = after.total(_COUNTER, route=route, status=status) - before.total(
            _COUNTER, route=route, status=status
        )
        assert rise == _TIMES, f"{_TIMES} requests to {route} answered {status} were counted as {rise:g}"
        whole = after.total(_COUNTER, route=route) - before.total(_COUNTER, route=route)
        assert whole == _TIMES, f"{route} was asked {_TIMES} times and counted {whole:g} times in all"

    eventually(risen, within=2.0)


@pytest.mark.requirement("monitoring.metrics-count-requests")
def test_every_request_is_counted_once_under_its_route(
    visitor: Account, scrape: Scrape, eventually: Eventually
) -> None:
    """The request counter rises by exactly the number of requests, under their route and status."""
    check_counted(scrape, eventually, lambda: visitor.client.get("/auth/me"), "/auth/me")


@pytest.mark.requirement("monitoring.metrics-count-errors")
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/hub/messages/msg_01ARZ3NDEKTSV4RRFFQ69G5FAV", "/api/hub/messages/{message_id}"),
        ("/api/hub/messages?limit=0", "/api/hub/messages"),
    ],
)
def test_every_refusal_is_counted_under_its_status(
    visitor: Account, scrape: Scrape, eventually: Eventually, path: str, route: str
) -> None:
    """Refused requests are counted under the status they were answered with."""
    check_counted(scrape, eventually, lambda: visitor.client.get(path), route)


@pytest.mark.requirement("monitoring.metrics-count-errors")
def test_a_refused_caller_is_counted_under_401(
    client: httpx.Client, scrape: Scrape, eventually: Eventually
) -> None:
    """Requests without credentials are counted under 401."""
    check_counted(scrape, eventually, lambda: client.get("/auth/me"), "/auth/me")
