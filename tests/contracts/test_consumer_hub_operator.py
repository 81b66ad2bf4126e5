"""What the operators' console expects of dead letters, queues and channels."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pact import Pact, generate, match

from tests.contracts.consuming import (
    PROBLEM,
    PROVIDER,
    Interaction,
    bearer,
    committed,
    identity,
    play,
    problem,
    written,
)

CONSUMER = "hub-operator"


class HubConsole:
    """The part of the console that speaks to the hub."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def dead_letters(self) -> dict[str, str]:
        items = self._http.get("/api/hub/dead-letters", params={"limit": "10"}).json()["items"]
        return {item["id"]: item["reason"] for item in items}

    def redrive(self, identity: str) -> str | None:
        answer = self._http.post(f"/api/hub/dead-letters/{identity}/redrive")
        return None if answer.status_code == 409 else str(answer.json()["state"])

    def redrive_all(self) -> int:
        return int(self._http.post("/api/hub/dead-letters/redrive", json={}).json()["redriven"])

    def queues(self) -> list[str]:
        return [queue["priority"] for queue in self._http.get("/api/hub/queues").json()["queues"]]

    def channels(self) -> list[str]:
        return [channel["id"] for channel in self._http.get("/api/hub/channels").json()["channels"]]

    def channel_health(self, identity: str) -> str:
        return str(self._http.get(f"/api/hub/channels/{identity}/health").json()["status"])


def _request(pact: Pact, description: str, method: str, path: Any, *states: str) -> Any:
    asked = pact.upon_receiving(description).given("a signed-in user", role="operator")
    for name in states:
        asked = asked.given(name)
    return asked.with_request(method, path).with_header("Authorization", bearer())


def _redrive_path() -> Any:
    return match.like(
        "/api/hub/dead-letters/msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12/redrive",
        generator=generate.provider_state("/api/hub/dead-letters/${message_id}/redrive"),
    )


def _lists_dead_letters(pact: Pact) -> None:
    (
        _request(pact, "lists dead letters", "GET", "/api/hub/dead-letters", "a dead letter")
        .with_query_parameter("limit", "10")
        .will_respond_with(200)
        .with_body(
            {
                "items": match.each_like(
                    {
                        "id": identity("msg"),
                        "state": "dead",
                        "reason": match.str("refused"),
                        "attempts": match.int(1),
                        "to": match.str("https://receiver.example.com/hooks"),
                    }
                )
            }
        )
    )


def _redrives(pact: Pact) -> None:
    (
        _request(pact, "redrives a dead letter", "POST", _redrive_path(), "a dead letter")
        .will_respond_with(202)
        .with_body({"id": identity("msg"), "state": "queued", "redrives": match.int(1)})
    )


def _redrives_a_living_one(pact: Pact) -> None:
    (
        _request(pact, "redrives a message that is not dead", "POST", _redrive_path(), "a queued message")
        .will_respond_with(409)
        .with_body(problem(409, "message-not-dead"), PROBLEM)
    )


def _redrives_all(pact: Pact) -> None:
    (
        _request(pact, "redrives all dead letters", "POST", "/api/hub/dead-letters/redrive", "a dead letter")
        .with_body({})
        .will_respond_with(200)
        .with_body({"redriven": match.int(1)})
    )


def _shows_queues(pact: Pact) -> None:
    (
        _request(pact, "shows the queues", "GET", "/api/hub/queues", "a queued message")
        .will_respond_with(200)
        .with_body(
            {
                "queues": [
                    {
                        "priority": priority,
                        "ready": match.int(0),
                        "scheduled": match.int(0),
                        "leased": match.int(0),
                    }
                    for priority in ("CRITICAL", "HIGH", "NORMAL", "LOW")
                ]
            }
        )
    )


def _lists_channels(pact: Pact) -> None:
    (
        _request(pact, "lists the channels", "GET", "/api/hub/channels")
        .will_respond_with(200)
        .with_body({"channels": match.each_like({"id": match.str("webhook"), "title": match.str("Webhook")})})
    )


def _checks_channel(pact: Pact) -> None:
    (
        _request(pact, "checks a channel", "GET", "/api/hub/channels/webhook/health", "a webhook secret")
        .will_respond_with(200)
        .with_body({"channel": "webhook", "status": match.regex("healthy", regex="^(healthy|unhealthy)$")})
    )


_MESSAGE = "msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12"
INTERACTIONS = (
    Interaction(
        name="lists",
        describe=_lists_dead_letters,
        act=lambda http: HubConsole(http).dead_letters(),
        gives={_MESSAGE: "refused"},
    ),
    Interaction(
        name="redrives",
        describe=_redrives,
        act=lambda http: HubConsole(http).redrive(_MESSAGE),
        gives="queued",
    ),
    Interaction(
        name="redrives a living one",
        describe=_redrives_a_living_one,
        act=lambda http: HubConsole(http).redrive(_MESSAGE),
        gives=None,
    ),
    Interaction(
        name="redrives all",
        describe=_redrives_all,
        act=lambda http: HubConsole(http).redrive_all(),
        gives=1,
    ),
    Interaction(
        name="queues",
        describe=_shows_queues,
        act=lambda http: HubConsole(http).queues(),
        gives=["CRITICAL", "HIGH", "NORMAL", "LOW"],
    ),
    Interaction(
        name="channels",
        describe=_lists_channels,
        act=lambda http: HubConsole(http).channels(),
        gives=["webhook"],
    ),
    Interaction(
        name="channel",
        describe=_checks_channel,
        act=lambda http: HubConsole(http).channel_health("webhook"),
        gives="healthy",
    ),
)


@pytest.mark.parametrize("interaction", INTERACTIONS, ids=lambda item: item.name)
def test_the_operators_console_understands_what_it_asked_for(
    interaction: Interaction, tmp_path: Path
) -> None:
    play(CONSUMER, PROVIDER, interaction, tmp_path)


def test_the_committed_pact_of_the_console_is_what_its_tests_write(tmp_path: Path) -> None:
    fresh = written(CONSUMER, PROVIDER, INTERACTIONS, tmp_path)

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
