"""Waiting for something to be ready, with its death noticed at once."""

import time
from collections.abc import Callable

from harness.core.errors import TargetUnreachable
from harness.core.interruption import check_interrupted
from harness.core.spawn import Child

_PAUSE = 0.02


def wait_until_ready(child: Child, is_ready: Callable[[], bool], *, url: str, seconds: float) -> None:
    """Poll until ready; raises TargetUnreachable with the end of its log when it died or was too slow."""
    limit = time.monotonic() + seconds
    while True:
        check_interrupted()
        if not child.is_running:
            child.wait()  # lets its last words reach the log
            raise _unreachable(child, url, f"{child.name} ended at start with exit code {child.poll()}")
        if is_ready():
            return
        if time.monotonic() >= limit:
            raise _unreachable(child, url, f"{child.name} was not ready after {seconds:g} s")
        time.sleep(_PAUSE)


def _unreachable(child: Child, url: str, message: str) -> TargetUnreachable:
    tail = child.tail() or "(it wrote nothing)"
    indented = "\n".join(f"  | {line}" for line in tail.splitlines())
    return TargetUnreachable(url, message, remedy=f"The end of {child.log}:\n{indented}")
