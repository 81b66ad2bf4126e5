"""Talks to the control API of an open launch, from a child process or from the harness itself."""

import os
from collections.abc import Mapping
from typing import Any, Self

import httpx

from harness.core.errors import HarnessFault, UsageProblem

#: How a child process is told where the API is and what lets it in.
ADDRESS_VARIABLE = "HARNESS_CONTROL"
TOKEN_VARIABLE = "HARNESS_CONTROL_TOKEN"  # noqa: S105 - the name of a variable

_SECONDS = 90.0  # a restart answers when the process is ready


class LaunchClient:
    """Links, processes and the recorder of one launch; raises UsageProblem when a call is refused."""

    def __init__(self, address: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_SECONDS,
            trust_env=False,
            verify=not address.startswith("http://"),  # loading certificates takes longer than all else
            limits=httpx.Limits(max_keepalive_connections=0),  # nobody has to remember to close it
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Return a client for the launch that the environment names."""
        try:
            return cls(environ[ADDRESS_VARIABLE], environ[TOKEN_VARIABLE])
        except KeyError as missing:
            raise UsageProblem(
                f"{missing.args[0]} is not set, so there is no launch to act on",
                remedy="Run inside a run of the harness, or copy both variables from an open launch.",
            ) from missing

    def links(self) -> tuple[str, ...]:
        """Return the names of the links: one per stub and dependency."""
        return tuple(self._ask("GET", "/links"))

    def link(self, name: str) -> dict[str, Any]:
        """Return a link's `url` and counters (`connections`, `bytes_upstream`, `fired`, ...)."""
        return dict(self._ask("GET", f"/links/{name}"))

    def add_toxic(
        self,
        link: str,
        toxic: str,
        attributes: Mapping[str, float] | None = None,
        *,
        toxicity: float = 1.0,
        stream: str = "downstream",
    ) -> dict[str, Any]:
        """Put a toxic on a link, e.g. `latency` with {"latency": 200} (milliseconds)."""
        body = {"type": toxic, "attributes": dict(attributes or {}), "toxicity": toxicity, "stream": stream}
        return dict(self._ask("POST", f"/links/{link}/toxics", body))

    def heal(self, link: str) -> dict[str, Any]:
        """Take every toxic off a link."""
        return dict(self._ask("DELETE", f"/links/{link}/toxics"))

    def processes(self) -> tuple[str, ...]:
        """Return the names of the target's processes."""
        return tuple(self._ask("GET", "/processes"))

    def process(self, name: str) -> dict[str, Any]:
        """Return a process' `running`, `paused`, `pid` and `exit_code`."""
        return dict(self._ask("GET", f"/processes/{name}"))

    def signal(self, process: str, what: str) -> dict[str, Any]:
        """Do one of kill, pause, resume, restart to a process; a restart returns when it is ready."""
        return dict(self._ask("POST", f"/processes/{process}/{what}"))

    def set_fault_active(self, *, active: bool) -> None:
        """Mark what is recorded from now on as made under a fault, or no longer."""
        self._ask("POST", "/recorder/fault", {"active": active})

    def stubs(self) -> dict[str, str]:
        """Return the stubs' own URLs."""
        return dict(self._ask("GET", "/stubs"))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as problem:
            raise HarnessFault(f"the launch does not answer to {method} {path}: {problem}") from problem
        document = answer.json()
        if answer.status_code == 503:
            raise HarnessFault(document["detail"], remedy=document.get("remedy", ""))
        if answer.status_code >= 400:
            raise UsageProblem(document["detail"], remedy=document.get("remedy", ""))
        return document
