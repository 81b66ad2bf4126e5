"""Every accepted message keeps a place of a pool for good, until there is none."""

import asyncio
from collections.abc import Awaitable, Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.policies import Acknowledge
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Unavailable

_PLACES = 40


class _Leaking:
    """Takes places and returns none."""

    def __init__(self, right: Acknowledge, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._left = _PLACES

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._probe.reached()
        if not self._left:
            self._probe.triggered()
            raise Unavailable("All connections are in use. Try again in a moment.")
        self._left -= 1
        await self._right(commit)


class _Pooled:
    """The twin: the same pool, and every place comes back."""

    def __init__(self, right: Acknowledge, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._places = asyncio.Semaphore(_PLACES)

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._probe.reached()
        async with self._places:
            await self._right(commit)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.acknowledge", _Leaking(policies["hub.acknowledge"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.acknowledge", _Pooled(policies["hub.acknowledge"], probe))


DEFECT = Defect(
    id="hub-connections-leak",
    family="load",
    title="Every accepted message keeps a place of a pool for good, until there is none.",
    breaks=("load.errors-within-slo",),
    apply=_apply,
    twin=_twin,
)
