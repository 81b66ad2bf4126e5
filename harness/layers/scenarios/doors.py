"""The doors a scenario has beside the target's own: its control API and the stubs behind it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from harness.layers.scenarios.signals import Inconclusive


class Control:
    """The target's control API (contracts/control.openapi.yaml); its calls are never recorded as evidence."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=30.0, trust_env=False)
        self._moved = 0.0

    def elapsed(self) -> float:
        """Return seconds that only grow, as the target counts them: real ones and those it was moved by."""
        return time.monotonic() + self._moved

    def describe(self) -> httpx.Response:
        """Ask what this instance can be told."""
        return self._http.get("/_control")

    def state(self, name: str, **params: object) -> Mapping[str, Any]:
        """Bring the target into a provider state and return its values."""
        return self._change(name, "setup", params)

    def leave(self, name: str, **params: object) -> None:
        """Leave a provider state."""
        self._change(name, "teardown", params)

    def advance(self, seconds: float) -> None:
        """Move the target's clock forward."""
        answer = self._http.post("/_control/clock", json={"advance_seconds": seconds})
        self._expect(answer, f"the clock by {seconds:g} s")
        self._moved += seconds

    def send(self, method: str, path: str, document: object) -> httpx.Response:
        """Send a request as it is, also one that should be refused."""
        return self._http.request(method, path, json=document)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _change(self, name: str, action: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        body = {"state": name, "action": action, "params": dict(params), "consumer": "core-harness"}
        answer = self._http.post("/_control/states", json=body)
        self._expect(answer, f"the provider state {name!r}")
        values = answer.json()
        return values if isinstance(values, dict) else {}

    def _expect(self, answer: httpx.Response, what: str) -> None:
        if answer.status_code != 200:
            raise Inconclusive(
                "control-refused", f"Setting {what} answered {answer.status_code}: {answer.text[:300]}"
            )


class StubDoor:
    """One stub: how it answers and what it was sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=20.0, trust_env=False)

    def mode(self, mode: str, *, path: str = "", **parameters: object) -> None:
        """Set how everything under a path is answered."""
        body = {"mode": mode, "path": path, **parameters}
        self._http.post("/__stub/mode", json=body).raise_for_status()

    def requests(self, path: str = "") -> Sequence[Mapping[str, Any]]:
        """Return what came under a path, oldest first."""
        answer = self._http.get("/__stub/requests", params={"path": path}).raise_for_status()
        received: list[Mapping[str, Any]] = answer.json()["requests"]
        return received

    def clear(self) -> None:
        """Forget what came, and answer everything as the service does."""
        self._http.delete("/__stub/requests").raise_for_status()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
