"""Searching stops everything else in the process for a quarter of a second."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.http import Deadline
from reference_impl.kit.policies import PolicyTable, Probe

T = TypeVar("T")
_BLOCKED_SECONDS = 0.3
_SHORT_SECONDS = 0.002


class _Blocking:
    """Sleeps in the event loop before the call."""

    def __init__(self, right: Deadline, probe: Probe, seconds: float) -> None:
        self._right = right
        self._probe = probe
        self._seconds = seconds

    async def __call__(self, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
        self._probe.reached()
        time.sleep(self._seconds)  # noqa: ASYNC251 - the defect itself
        if self._seconds > _SHORT_SECONDS:
            self._probe.triggered()
        return await self._right(seconds, call)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.deadline", _Blocking(policies["http.deadline"], probe, _BLOCKED_SECONDS))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Two milliseconds, as any computation takes."""
    policies.replace("http.deadline", _Blocking(policies["http.deadline"], probe, _SHORT_SECONDS))


DEFECT = Defect(
    id="event-loop-blocked",
    family="load",
    title="Searching stops everything else in the process for a quarter of a second.",
    breaks=("load.operations-within-slo",),
    apply=_apply,
    twin=_twin,
)
