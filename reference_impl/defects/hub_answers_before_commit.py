"""A message is acknowledged before it is durable."""

import asyncio
from collections.abc import Awaitable, Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.policies import Acknowledge
from reference_impl.kit.policies import PolicyTable, Probe

_LATER_SECONDS = 0.3
_PAUSE_SECONDS = 0.05


class _Promised:
    """Answers at once and commits in the background, a moment later."""

    def __init__(self, right: Acknowledge, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._pending: set[asyncio.Task[None]] = set()

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._probe.reached()
        task = asyncio.create_task(self._later(commit))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        self._probe.triggered()

    async def _later(self, commit: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(_LATER_SECONDS)
        await self._right(commit)


class _Unhurried:
    """The twin: slow, and durable before the answer."""

    def __init__(self, right: Acknowledge, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._probe.reached()
        await asyncio.sleep(_PAUSE_SECONDS)
        await self._right(commit)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.acknowledge", _Promised(policies["hub.acknowledge"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.acknowledge", _Unhurried(policies["hub.acknowledge"], probe))


DEFECT = Defect(
    id="hub-answers-before-commit",
    family="queue",
    title="A message is acknowledged before it is durable.",
    breaks=("hub.acknowledged-survives-kill",),
    apply=_apply,
    twin=_twin,
)
