"""Brings the target to speak to its upstreams and consumers, and fetches what it really sent."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from harness.layers.contracts.pacts import Interaction
from harness.target.instance import Instance, Session

_PATIENCE = 15.0
_PAUSE = 0.1

#: Which search of the target makes it ask which path of the search provider.
_SEARCHES = {"/res/v1/web/search": "/api/search/web", "/res/v1/news/search": "/api/search/news"}


class NotObserved(Exception):
    """What was wanted did not happen; the message says why, the code is the finding's reason."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Acts as one identity of the target and reads the doubles' journals."""

    instance: Instance
    session: Session
    client: httpx.Client
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def delivered_webhook(self) -> Mapping[str, Any]:
        """Send a message to the webhook double through the hub; return the request the double got."""
        stub = self._stub("webhook")
        path = f"/contracts/{secrets.token_hex(6)}"
        body = {
            "channel": "webhook",
            "to": f"{stub}{path}",
            "subject": "Contract",
            "text": "Sent to be compared with the consumer's contract.",
            "data": {"order": 7},
            "priority": "HIGH",
        }
        answer = self._ask("POST", "/api/hub/messages", json=body)
        if answer.status_code != 202:
            raise NotObserved("not-accepted", f"POST /api/hub/messages answered {answer.status_code}")
        return self._recorded(stub, path)

    def dead_letter(self) -> Mapping[str, Any]:
        """Have the target bury a message and return it as the hub shows it."""
        if not self.instance.has_control:
            raise NotObserved("no-control", "Only the control API can bring about a dead letter.")
        answer = self.client.post(
            f"{self.instance.direct_url}/_control/states",
            json={"state": "a dead letter", "action": "setup", "params": {"token": self._token()}},
        )
        if answer.status_code != 200:
            raise NotObserved("provider-state-failed", f"state 'a dead letter': answer {answer.status_code}")
        message = self._ask("GET", f"/api/hub/messages/{answer.json().get('message_id', '')}")
        if message.status_code != 200:
            raise NotObserved("not-shown", f"the dead letter cannot be read: answer {message.status_code}")
        content: Mapping[str, Any] = message.json()
        return content

    def asked_of_search(self, interaction: Interaction, mode: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Search through the target; return the request that the search double got."""
        stub = self._stub("brave")
        search = _SEARCHES.get(interaction.path)
        if search is None:
            raise NotObserved("unknown-path", f"nothing here makes the target ask {interaction.path}")
        self.client.delete(f"{stub}/__stub/requests")
        if mode:
            self.client.post(f"{stub}/__stub/mode", json=dict(mode))
        query = f"{interaction.query.get('q', 'contract')} {secrets.token_hex(4)}"
        try:
            self._ask("GET", search, params={"q": query})
            return self._recorded(stub, interaction.path)
        finally:
            self.client.delete(f"{stub}/__stub/requests")

    def _stub(self, name: str) -> str:
        url = self.instance.stubs.get(name)
        if url is None:
            raise NotObserved("no-double", f"the target file starts no stub named {name!r}")
        return url.rstrip("/")

    def _recorded(self, stub: str, path: str) -> Mapping[str, Any]:
        deadline = self.now() + _PATIENCE
        while True:
            answer = self.client.get(f"{stub}/__stub/requests", params={"path": path})
            requests = answer.json().get("requests", ())
            if requests:
                first: Mapping[str, Any] = requests[0]
                return first
            if self.now() >= deadline:
                raise NotObserved(
                    "not-observed", f"nothing reached {path} of the double in {_PATIENCE:.0f} s"
                )
            self.sleep(_PAUSE)

    def _ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        url = self.instance.base_url.rstrip("/") + path
        return self.client.request(method, url, headers=dict(self.session.headers), **arguments)

    def _token(self) -> str:
        value = next(
            (value for name, value in self.session.headers.items() if name.lower() == "authorization"), ""
        )
        return value.partition(" ")[2]
