"""What the mobile client expects of breakers and of the hub."""

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
    instant,
    play,
    problem,
    written,
)

CONSUMER = "mobile-client"
_STATUS = "/api/circuit-breakers/status"
_STATES = "^(closed|open|half-open)$"


class MobileClient:
    """The part of the mobile client that speaks to CORE; old devices still ask for version 1."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def breaker_states(self) -> dict[str, str]:
        answer = self._http.get(_STATUS, headers={"API-Version": "2"})
        return {item["name"]: item["state"] for item in answer.json()["breakers"]}

    def breaker_states_of_old_devices(self) -> dict[str, str]:
        answer = self._http.get(_STATUS, headers={"API-Version": "1"})
        assert answer.headers["Deprecation"].startswith("@")
        return dict(answer.json()["breakers"])

    def health(self) -> str:
        return str(self._http.get("/api/circuit-breakers/health").json()["health"])

    def breaker(self, identity: str) -> str | None:
        answer = self._http.get(f"/api/circuit-breakers/breakers/{identity}")
        return None if answer.status_code == 404 else str(answer.json()["standing"]["state"])

    def send(self, text: str) -> str:
        body = {"channel": "webhook", "to": "https://receiver.example.com/hooks", "text": text}
        answer = self._http.post("/api/hub/messages", json=body)
        if answer.status_code == 422:
            return str(answer.json()["title"])
        return str(answer.json()["id"])

    def sent(self, identity: str) -> tuple[str, int]:
        answer = self._http.get(f"/api/hub/messages/{identity}")
        return answer.json()["state"], len(answer.json()["history"])


def _request(pact: Pact, description: str, method: str, path: Any, *states: str) -> Any:
    asked = pact.upon_receiving(description).given("a signed-in user")
    for name in states:
        asked = asked.given(name)
    return asked.with_request(method, path).with_header("Authorization", bearer())


def _message(**members: object) -> dict[str, object]:
    return {
        "id": identity("msg"),
        "channel": "webhook",
        "text": match.str("hello"),
        "priority": match.regex("NORMAL", regex="^(CRITICAL|HIGH|NORMAL|LOW)$"),
        "state": match.regex("queued", regex="^(queued|leased|delivered|cancelled|dead)$"),
        "created_at": instant(),
        "attempts": match.int(0),
        "max_attempts": match.int(5),
        **members,
    }


def _any_state() -> Any:
    return match.regex(regex=_STATES)


def _reads_status(pact: Pact) -> None:
    (
        _request(
            pact,
            "reads the breakers' status",
            "GET",
            _STATUS,
            "a closed breaker",
        )
        .with_header("API-Version", "2")
        .will_respond_with(200)
        .with_body(
            {
                "breakers": match.each_like(
                    {
                        "id": identity("brk"),
                        "name": match.str("search.brave"),
                        "state": match.regex("closed", regex=_STATES),
                        "refused": match.int(0),
                        "retry_after_seconds": match.number(0),
                        "counts": {"calls": match.int(0), "failures": match.int(0), "slow": match.int(0)},
                    }
                )
            }
        )
    )


def _reads_old_status(pact: Pact) -> None:
    (
        _request(pact, "reads the status in its first version", "GET", _STATUS)
        .with_header("API-Version", "1")
        .will_respond_with(200)
        .with_header("Deprecation", match.regex("@1767225600", regex=r"^@\d+$"))
        .with_body(
            {"breakers": match.each_value_matches({"search": "closed"}, rules=match.regex(regex=_STATES))}
        )
    )


def _reads_health(pact: Pact) -> None:
    (
        _request(pact, "reads the assessment", "GET", "/api/circuit-breakers/health", "an open breaker")
        .will_respond_with(200)
        .with_body(
            {
                "health": match.regex("degraded", regex="^(healthy|degraded|critical)$"),
                "total": match.int(2),
                "open": match.int(1),
                "recommendations": match.each_like(
                    {
                        "breaker": match.str("payments"),
                        "reason": match.str("open"),
                        "advice": match.str("wait"),
                    }
                ),
            }
        )
    )


def _reads_breaker(pact: Pact) -> None:
    path = match.like(
        "/api/circuit-breakers/breakers/brk_01J9ZQ4M5N6P7R8S9T0VWXYZ12",
        generator=generate.provider_state("/api/circuit-breakers/breakers/${breaker_id}"),
    )
    (
        _request(pact, "reads an open breaker", "GET", path, "an open breaker")
        .will_respond_with(200)
        .with_header("ETag", match.regex('"brk-1"', regex='^"[^"]+"$'))
        .with_body({"id": identity("brk"), "standing": {"state": "open"}, "instances": match.int(0)})
    )


def _reads_no_breaker(pact: Pact) -> None:
    path = "/api/circuit-breakers/breakers/brk_00000000000000000000000000"
    (
        _request(pact, "asks for a breaker that is not there", "GET", path)
        .will_respond_with(404)
        .with_body(problem(404, "no-such-breaker"), PROBLEM)
    )


def _sends(pact: Pact) -> None:
    (
        _request(pact, "sends a message", "POST", "/api/hub/messages")
        .with_body(
            {
                "channel": "webhook",
                "to": match.like("https://receiver.example.com/hooks"),
                "text": match.like("hello"),
            }
        )
        .will_respond_with(202)
        .with_body(_message(state="queued"))
    )


def _sends_nothing(pact: Pact) -> None:
    (
        _request(pact, "sends an empty message", "POST", "/api/hub/messages")
        .with_body({"channel": "webhook", "to": match.like("https://receiver.example.com/hooks"), "text": ""})
        .will_respond_with(422)
        .with_body(problem(422, "unprocessable"), PROBLEM)
    )


def _reads_message(pact: Pact) -> None:
    path = match.like(
        "/api/hub/messages/msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12",
        generator=generate.provider_state("/api/hub/messages/${message_id}"),
    )
    (
        _request(pact, "reads a message it sent", "GET", path, "a queued message")
        .will_respond_with(200)
        .with_body(_message(state="queued", history=[]))
    )


INTERACTIONS = (
    Interaction(
        name="status",
        describe=_reads_status,
        act=lambda http: MobileClient(http).breaker_states(),
        gives={"search.brave": "closed"},
    ),
    Interaction(
        name="old status",
        describe=_reads_old_status,
        act=lambda http: MobileClient(http).breaker_states_of_old_devices(),
        gives={"search": "closed"},
    ),
    Interaction(
        name="health",
        describe=_reads_health,
        act=lambda http: MobileClient(http).health(),
        gives="degraded",
    ),
    Interaction(
        name="breaker",
        describe=_reads_breaker,
        act=lambda http: MobileClient(http).breaker("brk_01J9ZQ4M5N6P7R8S9T0VWXYZ12"),
        gives="open",
    ),
    Interaction(
        name="no breaker",
        describe=_reads_no_breaker,
        act=lambda http: MobileClient(http).breaker("brk_00000000000000000000000000"),
        gives=None,
    ),
    Interaction(
        name="sends",
        describe=_sends,
        act=lambda http: MobileClient(http).send("hello"),
        gives="msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12",
    ),
    Interaction(
        name="sends nothing",
        describe=_sends_nothing,
        act=lambda http: MobileClient(http).send(""),
        gives="What went wrong",
    ),
    Interaction(
        name="reads message",
        describe=_reads_message,
        act=lambda http: MobileClient(http).sent("msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12"),
        gives=("queued", 0),
    ),
)


@pytest.mark.parametrize("interaction", INTERACTIONS, ids=lambda item: item.name)
def test_the_mobile_client_understands_what_it_asked_for(interaction: Interaction, tmp_path: Path) -> None:
    play(CONSUMER, PROVIDER, interaction, tmp_path)


def test_the_committed_pact_of_the_mobile_client_is_what_its_tests_write(tmp_path: Path) -> None:
    fresh = written(CONSUMER, PROVIDER, INTERACTIONS, tmp_path)

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
