"""A message is shown to everybody in the tenant who names its id."""

from dataclasses import replace
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message, Reach
from reference_impl.hub.ports import MessageStore
from reference_impl.kit.policies import PolicyTable, Probe


class _ByIdAlone:
    """Takes whoever names a message of the tenant for its owner; lists are the store's own."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def get(self, message_id: str, reach: Reach) -> Message | None:
        self._probe.reached()
        found = await self._right.get(message_id, replace(reach, owner=None))
        if found is None or reach.owner in {None, found.owner}:
            return found
        self._probe.triggered()
        return replace(found, owner=reach.owner)


class _AsksAgain:
    """The twin: every message is looked up twice."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def get(self, message_id: str, reach: Reach) -> Message | None:
        self._probe.reached()
        await self._right.get(message_id, reach)
        return await self._right.get(message_id, reach)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _ByIdAlone(policies["hub.messages"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _AsksAgain(policies["hub.messages"], probe))


DEFECT = Defect(
    id="message-open-by-id",
    family="owasp-api",
    title="A message is shown to everybody in the tenant who names its id.",
    breaks=("security.objects-owned",),
    apply=_apply,
    twin=_twin,
)
