"""The list of messages shows those of everybody in the tenant, which by their ids are refused."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message
from reference_impl.hub.ports import MessageStore
from reference_impl.kit.policies import PolicyTable, Probe


class _ListsTheTenant:
    """Forgets the owner where messages are listed; everything else is the store's own."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def select(self, reach: Any, selection: Any, **page: Any) -> Sequence[Message]:
        self._probe.reached()
        found = await self._right.select(replace(reach, owner=None), selection, **page)
        if reach.owner is not None and any(each.owner != reach.owner for each in found):
            self._probe.triggered()
        return found


class _AsksAgain:
    """The twin: every list is read twice."""

    def __init__(self, right: MessageStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def select(self, reach: Any, selection: Any, **page: Any) -> Sequence[Message]:
        self._probe.reached()
        await self._right.select(reach, selection, **page)
        return await self._right.select(reach, selection, **page)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _ListsTheTenant(policies["hub.messages"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _AsksAgain(policies["hub.messages"], probe))


DEFECT = Defect(
    id="hub-list-shows-tenant",
    family="owasp-api",
    title="The list of messages shows those of everybody in the tenant, which by their ids are refused.",
    breaks=("security.lists-scoped",),
    apply=_apply,
    twin=_twin,
)
