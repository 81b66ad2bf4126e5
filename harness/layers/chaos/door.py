"""The open launch as actions and probes see it: its control API, its stubs, and the target itself."""

import os
from functools import cache
from typing import Any

import httpx

from harness.layers.chaos.context import ChaosContext, read_context
from harness.target.launch_client import LaunchClient


class Door:
    """Everything an experiment may touch; `memory` lives as long as the experiment's process."""

    def __init__(self, context: ChaosContext, *, step: str = "chaos") -> None:
        self.context = context
        self.launch = LaunchClient(context.control_address, context.control_token)
        self.memory: dict[str, Any] = {}
        self._step = step

    def ask(
        self,
        method: str,
        path: str,
        *,
        identity: str = "",
        json: object = None,
        timeout: float = 10.0,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Ask the target through the recorder; raises httpx.HTTPError when it does not answer in time."""
        own = {"Harness-Step": self._step, **({"Harness-Identity": identity} if identity else {})}
        signed = dict(self.context.identities.get(identity, {}))
        with httpx.Client(base_url=self.context.base_url, timeout=timeout, trust_env=False) as client:
            return client.request(method, path, json=json, headers={**own, **signed, **(headers or {})})

    def breaker(self, name: str, *, identity: str) -> dict[str, Any]:
        """Return what the breaker API lists under a name; empty when it lists none."""
        answer = self.ask("GET", "/api/circuit-breakers/breakers?limit=100", identity=identity)
        listed = answer.raise_for_status().json()["items"]
        return next((dict(item) for item in listed if item["name"] == name), {})

    def stub(self, name: str, method: str, path: str, json: object = None) -> httpx.Response:
        """Talk to a stub's own control."""
        with httpx.Client(base_url=self.context.stubs[name], timeout=5.0, trust_env=False) as client:
            return client.request(method, path, json=json).raise_for_status()


def own_mark() -> str:
    """Return what the texts of this process' messages begin with."""
    return f"chaos-{os.getpid()}-"


@cache
def door() -> Door:
    """Return the one door of this process."""
    return Door(read_context(), step=os.environ.get("HARNESS_STEP", "chaos"))
