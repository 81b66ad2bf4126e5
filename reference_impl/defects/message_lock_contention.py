"""Accepting messages waits for one lock that is held far too long."""

import asyncio
from collections.abc import Awaitable, Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.policies import Acknowledge
from reference_impl.kit.policies import PolicyTable, Probe

_HELD_SECONDS = 0.25


class _OneAtATime:
    """Durable, and in turn: every caller waits for all before it."""

    def __init__(self, right: Acknowledge, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._lock = asyncio.Lock()

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._probe.reached()
        async with self._lock:
            await self._right(commit)
            self._probe.triggered()
            await asyncio.sleep(_HELD_SECONDS)


class _ShortPause:
    """A few milliseconds more, far within any limit."""

    def __init__(self, right: Acknowledge) -> None:
        self._right = right

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        await self._right(commit)
        await asyncio.sleep(0.003)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.acknowledge", _OneAtATime(policies["hub.acknowledge"], probe))


def _twin(policies: PolicyTable, _probe: Probe) -> None:
    policies.replace("hub.acknowledge", _ShortPause(policies["hub.acknowledge"]))


DEFECT = Defect(
    id="message-lock-contention",
    family="load",
    title="Accepting messages waits for one lock that is held far too long.",
    breaks=("load.operations-within-slo",),
    apply=_apply,
    twin=_twin,
)
