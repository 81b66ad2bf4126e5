"""Helper processes of the harness itself (recorder, fault proxies) and the channel to each."""

import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.core.channel import Channel
from harness.core.redaction import Redactor
from harness.core.spawn import Child, spawn

_SECONDS_TO_END = 5.0


class Companion:
    """A helper; it ends when its channel closes, so also when the harness is killed."""

    def __init__(self, name: str, child: Child, channel: Channel) -> None:
        self.name = name
        self.child = child
        self._channel = channel

    def ask(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Ask it something; raises UsageProblem when it refuses and HarnessFault when it has ended."""
        return self._channel.ask(operation, **arguments)

    def stop(self) -> None:
        """Let it write what it still holds, then end it."""
        self._channel.close()
        if self.child.wait(_SECONDS_TO_END) is None:
            self.child.kill()


def start_companion(
    module: str,
    arguments: Sequence[str],
    *,
    name: str,
    logs: Path,
    redactor: Redactor,
    env: Mapping[str, str] = {},
) -> Companion:
    """Start `python -m module --control-fd N ...`."""
    ours, theirs = socket.socketpair()
    with theirs:
        child = spawn(
            [sys.executable, "-m", module, "--control-fd", str(theirs.fileno()), *arguments],
            log=logs / f"{name}.log",
            name=name,
            env=env,
            redact=redactor.bytes,
            pass_fds=[theirs.fileno()],
        )
    return Companion(name, child, Channel(name, ours, seconds=30.0))
