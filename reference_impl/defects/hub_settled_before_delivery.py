"""A message is written down as delivered before it is, and lost with the worker that holds it."""

import asyncio
from collections.abc import Awaitable, Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Delivered, Outcome
from reference_impl.hub.policies import Settlement
from reference_impl.kit.policies import PolicyTable, Probe


class _InAdvance:
    """Takes every delivery for done before it begins."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    async def __call__(
        self,
        deliver: Callable[[], Awaitable[Outcome]],
        settle: Callable[[Outcome], Awaitable[None]],
    ) -> None:
        self._probe.reached()
        await settle(Delivered())
        self._probe.triggered()
        await deliver()


class _Shielded:
    """The twin: once the channel has answered, nothing keeps its answer from being written down."""

    def __init__(self, right: Settlement, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(
        self,
        deliver: Callable[[], Awaitable[Outcome]],
        settle: Callable[[Outcome], Awaitable[None]],
    ) -> None:
        async def shielded(outcome: Outcome) -> None:
            await asyncio.shield(asyncio.ensure_future(settle(outcome)))

        self._probe.reached()
        await self._right(deliver, shielded)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.settlement", _InAdvance(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.settlement", _Shielded(policies["hub.settlement"], probe))


DEFECT = Defect(
    id="hub-settled-before-delivery",
    family="queue",
    title="A message is written down as delivered before it is, and lost with the worker that holds it.",
    breaks=("hub.acknowledged-survives-kill",),
    apply=_apply,
    twin=_twin,
)
