"""A message that was cancelled is shown as such and delivered all the same."""

from dataclasses import replace
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message, Reach, State
from reference_impl.hub.ports import MessageStore
from reference_impl.kit.policies import PolicyTable, Probe


class _OnlySaysSo:
    """Remembers who cancelled what, and leaves the queue alone."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._queued: set[str] = set()
        self._cancelled: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def get(self, message_id: str, reach: Reach) -> Message | None:
        found = await self._right.get(message_id, reach)
        if found is None:
            return None
        if found.state is State.QUEUED:
            self._queued.add(message_id)
        if message_id in self._cancelled:
            return replace(found, state=State.CANCELLED, finished_at=self._cancelled[message_id])
        return found

    async def cancel(self, message_id: str, *, at: float) -> bool:
        self._probe.reached()
        if message_id not in self._queued or message_id in self._cancelled:
            return False
        self._cancelled[message_id] = at
        self._probe.triggered()
        return True


class _Counted:
    """The twin: cancels as is right; what is no longer in the queue cannot be cancelled and is a 409."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def cancel(self, message_id: str, *, at: float) -> bool:
        self._probe.reached()
        return await self._right.cancel(message_id, at=at)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _OnlySaysSo(policies["hub.messages"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _Counted(policies["hub.messages"], probe))


DEFECT = Defect(
    id="hub-cancel-ignored",
    family="queue",
    title="A message that was cancelled is shown as such and delivered all the same.",
    breaks=("hub.cancelled-not-delivered",),
    apply=_apply,
    twin=_twin,
)
