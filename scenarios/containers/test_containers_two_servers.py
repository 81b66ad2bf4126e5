"""Two serving processes on one database and one Redis are one platform."""

from collections.abc import Iterator

import pytest

from scenarios.containers.polling import until
from scenarios.containers.reference import Reference, Server, Visitor


@pytest.fixture
def other(reference: Reference) -> Iterator[Server]:
    """Another serving process beside the first."""
    with reference.serving() as server:
        yield server


def test_token_revoked_at_one_server_is_refused_by_the_other_at_once(server: Server, other: Server) -> None:
    visitor = Visitor.registered(server).signed_in()
    elsewhere = visitor.at(other)
    assert elsewhere.ask("GET", "/auth/me").status == 200

    assert visitor.ask("POST", "/auth/logout").status == 204

    refused = elsewhere.ask("GET", "/auth/me")
    assert refused.status == 401, refused.response.text


def test_breaker_opened_at_one_server_is_seen_open_at_the_other(server: Server, other: Server) -> None:
    visitor = Visitor.registered(server).signed_in()
    elsewhere = visitor.at(other)

    def searched_open() -> bool:
        visitor.ask("GET", "/api/search/web", params={"q": "tides"})
        return "open" in _breaker_states(visitor)

    until(searched_open, within=20, what="the search upstream's breaker opens where it is used")

    assert "open" in _breaker_states(elsewhere)


def _breaker_states(visitor: Visitor) -> frozenset[str]:
    answer = visitor.ask("GET", "/api/circuit-breakers/status")
    assert answer.status == 200, answer.response.text
    return frozenset(str(each["state"]) for each in answer.document()["breakers"])
