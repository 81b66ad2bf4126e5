"""What scenarios act with on a target that claims the CORE contracts: accounts, receivers, the hub."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.layers.scenarios.doors import Control, StubDoor
from harness.layers.scenarios.expect import expect_status, json_of
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.signals import Inconclusive, baseline
from harness.layers.scenarios.tokens import Token

#: No scenario lasts longer, nor moves the clock further before it uses its account again.
_SCENARIO_SECONDS = 90.0
#: Statuses by which something that was asked for was taken on.
ACCEPTED = (200, 201, 202)
_NEEDED = frozenset({"token", "refresh_token", "user_id", "email", "password"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody new, signed in; `client` acts as them."""

    client: httpx.Client
    user_id: str
    email: str
    password: str
    token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a provider state told of somebody who signed in, and when by the target's own count."""

    values: Mapping[str, Any]
    at: float

    def is_good(self, now: float) -> bool:
        """Whether the access token lasts through one more scenario."""
        return now - self.at < Token.parse(self.values["token"]).lifetime - _SCENARIO_SECONDS


#: Those that several scenarios act as, by role.
Shared = dict[str, SignedIn]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Makes accounts, signed in; the shared ones are for what leaves nothing behind."""

    control: Control
    clients: Clients
    known: Shared

    def __call__(self, role: str = "user", **params: str) -> Account:
        """Return an account that nobody else uses; `tenant` puts it elsewhere than the others."""
        return self._account(role, self._sign_in(role, **params))

    def shared(self, role: str = "user") -> Account:
        """Return an account that other scenarios act as, too; its token is good for this one."""
        now = self.control.elapsed()
        if role not in self.known or not self.known[role].is_good(now):
            self.known[role] = SignedIn(values=self._sign_in(role), at=now)
        return self._account(role, self.known[role].values)

    def _sign_in(self, role: str, **params: str) -> Mapping[str, Any]:
        values = self.control.state("a signed-in user", role=role, **params)
        if missing := _NEEDED - set(values):
            raise Inconclusive("state-incomplete", f"a signed-in user comes without {sorted(missing)}")
        return values

    def _account(self, role: str, values: Mapping[str, Any]) -> Account:
        headers = {"Authorization": f"Bearer {values['token']}"}
        return Account(
            client=self.clients(headers, identity=role),
            **{name: values[name] for name in _NEEDED},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A webhook receiver of one scenario's own, at a path of the stub that nobody else sends to."""

    url: str
    path: str
    stub: StubDoor

    def answers(self, mode: str, **parameters: object) -> None:
        """Set how deliveries to this receiver are answered."""
        self.stub.mode(mode, path=self.path, **parameters)

    def deliveries(self) -> Sequence[Mapping[str, Any]]:
        """Return what was delivered here, oldest first."""
        return self.stub.requests(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Makes receivers; `base_url` is where the target reaches the stub."""

    base_url: str
    stub: StubDoor

    def __call__(self) -> Receiver:
        """Return a receiver that answers as receivers do."""
        path = f"/hooks/{uuid.uuid4().hex[:12]}"
        return Receiver(url=f"{self.base_url}{path}", path=path, stub=self.stub)


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub as one account uses it."""

    account: Account

    def send(self, receiver: Receiver, **members: object) -> Mapping[str, Any]:
        """Have a message accepted and return it as the hub shows it."""
        accepted: Mapping[str, Any] = _accepted(self.post(receiver, **members))
        return accepted

    def post(self, receiver: Receiver, **members: object) -> httpx.Response:
        """Post a message, whatever the answer."""
        return self.account.client.post("/api/hub/messages", json=draft(receiver, **members))

    def send_all(self, drafts: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, Any]]:
        """Have a batch of drafts accepted, all or none."""
        answer = self.account.client.post("/api/hub/messages/batch", json={"messages": list(drafts)})
        accepted: Sequence[Mapping[str, Any]] = _accepted(answer)["messages"]
        return accepted

    def read(self, message_id: str) -> Mapping[str, Any]:
        """Read a message with the history of its attempts."""
        found: Mapping[str, Any] = json_of(self.account.client.get(f"/api/hub/messages/{message_id}"))
        return found

    def in_state(self, message_id: str, state: str) -> Mapping[str, Any]:
        """Return the message when it is in a state; else say in which one it is."""
        found = self.read(message_id)
        assert found["state"] == state, f"the message is {found['state']}, not {state}"
        return found


def _accepted(answer: httpx.Response) -> Any:
    """What a scenario goes on with; whether 202 is the right status is judged elsewhere."""
    with baseline("not-accepted"):
        return json_of(answer, *ACCEPTED)


def draft(receiver: Receiver, **members: object) -> dict[str, object]:
    """Return the body of a message to a receiver."""
    return {"channel": "webhook", "to": receiver.url, "text": "Hello.", **members}


@dataclass(frozen=True, slots=True)
class GraphQL:
    """The GraphQL endpoint as one account uses it."""

    client: httpx.Client
    path: str

    def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Return the whole answer, data and errors."""
        answer = self.client.post(
            self.path,
            json={"query": query, "variables": variables},
            headers={"Accept": "application/graphql-response+json, application/json"},
        )
        expect_status(answer, 200, 400, 401, 403)
        document: Mapping[str, Any] = answer.json()
        return document

    def data(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Return the data of an operation that must not fail."""
        answer = self.ask(query, **variables)
        assert not answer.get("errors"), f"GraphQL answered errors: {answer['errors']}"
        data: Mapping[str, Any] = answer["data"]
        return data
