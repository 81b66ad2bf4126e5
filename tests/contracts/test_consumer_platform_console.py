"""What the platform console expects: one row per thing that it shows or does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pact import Pact, generate, match

from tests.contracts.consuming import (
    PROVIDER,
    Interaction,
    bearer,
    committed,
    identity,
    instant,
    play,
    written,
)

CONSUMER = "platform-console"
_BREAKERS = "/api/circuit-breakers"
_STATE = match.regex("closed", regex="^(closed|open|half-open)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request of the console and the part of the answer that it uses."""

    does: str
    path: str
    answer: Mapping[str, Any] | None
    method: str = "GET"
    status: int = 200
    role: str | None = "admin"
    states: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    sent: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    def describe(self, pact: Pact) -> None:
        """Write the row into a pact; `{name}` in the path is a value of the provider's states."""
        asked: Any = pact.upon_receiving(self.does)
        if self.role is not None:
            asked = asked.given("a signed-in user", role=self.role)
        for state in self.states:
            asked = asked.given(state)
        asked = asked.with_request(self.method, self._path())
        if self.role is not None:
            asked = asked.with_header("Authorization", bearer())
        for name, value in self.query.items():
            asked = asked.with_query_parameter(name, value)
        if self.body is not None:
            asked = asked.with_body(dict(self.body))
        answered = asked.will_respond_with(self.status)
        if self.answer is not None:
            answered.with_body(dict(self.answer))

    def act(self, http: httpx.Client) -> int:
        """Send the request as the console does."""
        body = self.sent or self.body
        return http.request(
            self.method, _example(self.path), params=self.query or None, json=body
        ).status_code

    def _path(self) -> Any:
        if "{" not in self.path:
            return self.path
        expression = self.path.replace("{", "${")
        return match.like(_example(self.path), generator=generate.provider_state(expression))


def _example(path: str) -> str:
    ids = {"breaker_id": "brk", "alert_id": "alt", "message_id": "msg", "user_id": "usr"}
    for name, prefix in ids.items():
        path = path.replace(f"{{{name}}}", f"{prefix}_01J9ZQ4M5N6P7R8S9T0VWXYZ12")
    return path


def _breaker(**members: object) -> dict[str, object]:
    return {
        "id": identity("brk"),
        "name": match.str("payments"),
        "standing": {"state": _STATE},
        "settings": {"minimum_calls": match.int(10), "failure_rate_threshold": match.int(50)},
        "etag": match.str('"1"'),
        **members,
    }


def _user() -> dict[str, object]:
    return {
        "id": identity("usr"),
        "email": match.str("someone@example.org"),
        "roles": match.each_like("user"),
        "etag": match.str('"1"'),
    }


def _message(state: str) -> dict[str, object]:
    return {"id": identity("msg"), "state": state, "text": match.str("hello")}


_DRAFT = {"channel": "webhook", "to": "https://receiver.example.com/hooks", "text": "hello"}
_MONITORING = {"active": match.bool(True), "interval_seconds": match.int(5)}
_NAME = match.like("payments", generator=generate.regex("c[a-z0-9]{12}"))

ROWS = (
    Row(does="sees that the process lives", path="/health/live", role=None, answer={"status": "live"}),
    Row(
        does="sees what the process can serve",
        path="/health/ready",
        role=None,
        answer={
            "status": match.regex("ready", regex="^(ready|degraded)$"),
            "dependencies": {"database": {"status": match.str("up")}, "redis": {"status": match.str("up")}},
        },
    ),
    Row(
        does="fetches the public keys",
        path="/.well-known/jwks.json",
        role=None,
        answer={"keys": match.each_like({"kty": "OKP", "kid": match.str("k1"), "alg": match.str("EdDSA")})},
    ),
    Row(
        does="finds out who grants access to the search tools",
        path="/.well-known/oauth-protected-resource/mcp/brave-search",
        role=None,
        answer={"resource": match.str("https://core.example/mcp/brave-search")},
    ),
    Row(
        does="lists the MCP servers",
        path="/api/mcp/servers",
        answer={"servers": match.each_like({"name": match.str("brave-search")})},
    ),
    Row(
        does="lists the roles",
        path="/auth/roles",
        answer={
            "roles": match.each_like({"name": match.str("user"), "permissions": match.each_like("hub:read")})
        },
    ),
    Row(
        does="lists the users",
        path="/auth/users",
        query={"limit": "5"},
        answer={"items": match.each_like(_user())},
    ),
    Row(does="reads a user", path="/auth/users/{user_id}", answer=_user()),
    Row(
        does="reads the audit trail",
        path="/auth/audit",
        query={"limit": "5"},
        answer={
            "items": match.each_like(
                {
                    "sequence": match.int(1),
                    "at": instant(),
                    "action": match.str("login.succeeded"),
                    "hash": match.regex("0" * 64, regex="^[0-9a-f]{64}$"),
                }
            )
        },
    ),
    Row(
        does="verifies the audit trail",
        path="/auth/audit/verification",
        answer={"holds": True, "checked": match.int(3)},
    ),
    Row(
        does="lists the breakers",
        path=f"{_BREAKERS}/breakers",
        states=("a closed breaker",),
        answer={"items": match.each_like(_breaker())},
    ),
    Row(
        does="configures a breaker",
        method="POST",
        path=f"{_BREAKERS}/breakers",
        body={"name": _NAME, "settings": {"minimum_calls": 5}},
        sent={"name": "payments", "settings": {"minimum_calls": 5}},
        status=201,
        answer=_breaker(settings={"minimum_calls": 5, "failure_rate_threshold": match.int(50)}),
    ),
    Row(
        does="closes a breaker",
        method="POST",
        path=f"{_BREAKERS}/breakers/{{breaker_id}}/reset",
        states=("an open breaker",),
        answer=_breaker(standing={"state": "closed"}),
    ),
    Row(
        does="opens a breaker",
        method="POST",
        path=f"{_BREAKERS}/breakers/{{breaker_id}}/trip",
        states=("a closed breaker",),
        answer=_breaker(standing={"state": "open"}),
    ),
    Row(
        does="closes all breakers",
        method="POST",
        path=f"{_BREAKERS}/reset",
        states=("an open breaker",),
        answer={"reset": match.int(1)},
    ),
    Row(
        does="lists alerts",
        path=f"{_BREAKERS}/alerts",
        states=("a breaker alert",),
        query={"acknowledged": "false"},
        answer={
            "items": match.each_like(
                {"id": identity("alt"), "breaker": match.str("payments"), "raised_at": instant()}
            )
        },
    ),
    Row(
        does="acknowledges an alert",
        method="POST",
        path=f"{_BREAKERS}/alerts/{{alert_id}}/acknowledge",
        states=("a breaker alert",),
        answer={"id": identity("alt"), "acknowledged_at": instant()},
    ),
    Row(does="sees whether breakers are watched", path=f"{_BREAKERS}/monitoring", answer=_MONITORING),
    Row(
        does="has breakers watched",
        method="POST",
        path=f"{_BREAKERS}/monitoring/start",
        body={"interval_seconds": 30},
        answer={"active": True, "interval_seconds": 30},
    ),
    Row(
        does="stops watching breakers",
        method="POST",
        path=f"{_BREAKERS}/monitoring/stop",
        answer={"active": False},
    ),
    Row(
        does="lists messages",
        path="/api/hub/messages",
        states=("a queued message",),
        query={"state": "queued"},
        answer={"items": match.each_like(_message("queued"))},
    ),
    Row(
        does="sends two messages at once",
        method="POST",
        path="/api/hub/messages/batch",
        status=202,
        body={"messages": [_DRAFT, _DRAFT]},
        answer={"messages": [_message("queued"), _message("queued")]},
    ),
    Row(
        does="cancels a message",
        method="POST",
        path="/api/hub/messages/{message_id}/cancel",
        states=("a queued message",),
        answer=_message("cancelled"),
    ),
    Row(
        does="lists stored objects",
        path="/api/storage/objects",
        query={"limit": "5"},
        answer={"items": match.like([])},
    ),
    Row(
        does="logs out everywhere",
        method="POST",
        path="/auth/logout-all",
        status=204,
        role="user",
        answer=None,
    ),
)
INTERACTIONS = tuple(
    Interaction(name=row.does, describe=row.describe, act=row.act, gives=row.status) for row in ROWS
)


@pytest.mark.parametrize("interaction", INTERACTIONS, ids=lambda item: item.name)
def test_the_platform_console_sends_what_it_describes(interaction: Interaction, tmp_path: Path) -> None:
    play(CONSUMER, PROVIDER, interaction, tmp_path)


def test_the_committed_pact_of_the_platform_console_is_what_its_tests_write(tmp_path: Path) -> None:
    fresh = written(CONSUMER, PROVIDER, INTERACTIONS, tmp_path)

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
