"""A call is bounded between two reads only, so an upstream that trickles holds its caller."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.http import Deadline
from reference_impl.kit.policies import PolicyTable, Probe

T = TypeVar("T")


class _Patient:
    """Waits for the end of the call, however late."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    async def __call__(self, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
        self._probe.reached()
        started = time.monotonic()
        try:
            return await call()
        finally:
            if time.monotonic() - started > seconds:
                self._probe.triggered()


class _Stricter:
    """The twin: keeps a tenth of the time in reserve."""

    def __init__(self, right: Deadline, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
        self._probe.reached()
        return await self._right(0.9 * seconds, call)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.deadline", _Patient(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.deadline", _Stricter(policies["http.deadline"], probe))


DEFECT = Defect(
    id="deadline-not-kept",
    family="retry",
    title="A call is bounded between two reads only, so an upstream that trickles holds its caller.",
    breaks=("search.slow-upstream-bounded",),
    apply=_apply,
    twin=_twin,
)
