"""A running target as one layer sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harness.core.operation import Operations
from harness.core.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An identity that is signed in on this instance; `headers` authenticate a request."""

    name: str
    role: str
    headers: Mapping[str, str]
    username: str = ""
    subject: str = ""


class ProcessControl(Protocol):
    """What may be done to one launched process by name."""

    def kill(self, name: str) -> None:
        """Send SIGKILL to the process."""
        ...

    def pause(self, name: str) -> None:
        """Send SIGSTOP."""
        ...

    def resume(self, name: str) -> None:
        """Send SIGCONT."""
        ...

    def restart(self, name: str) -> None:
        """Start it again on the same port and data and wait until it is ready."""
        ...

    def is_running(self, name: str) -> bool:
        """Whether it lives (a zombie does not)."""
        ...


def _nothing() -> None:
    """There is nobody to sign in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A running target.

    `base_url` is where clients go (the recorder, when there is one); `direct_url` is the target's own port,
    for control calls and load. `proxies` maps a link ("redis", "brave", "webhook", "front") to the control
    URL of its fault proxy; `stubs` maps a stub's name to its base URL; `control_address` is where child
    processes (chaos actions) reach the launcher's own control API, with `control_token` as bearer token.
    `problems` says what is missing although the target runs (an identity that could not sign in). `revive`
    signs in again whoever's credential died in the meantime.
    """

    target: Target
    base_url: str
    direct_url: str
    operations: Operations
    openapi_document: Mapping[str, Any] | None
    openapi_path: Path | None
    sessions: Mapping[str, Session] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)
    has_control: bool = False
    processes: ProcessControl | None = None
    control_address: str = ""
    control_token: str = ""
    problems: tuple[str, ...] = ()
    revive: Callable[[], None] = _nothing
