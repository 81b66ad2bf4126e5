"""A delivery that succeeded at the first attempt is not written down, and so made again."""

from collections.abc import Sequence
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Attempt, Message, State, Verdict
from reference_impl.hub.ports import Choose, LeaseStore
from reference_impl.kit.policies import PolicyTable, Probe


class _Forgetful:
    """Keeps the lease of what is done; wrong when the message is handed out again."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._done: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def settle(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        if verdict.state is not State.DELIVERED or message.attempts > 1:
            return await self._right.settle(message, attempt, verdict)
        self._probe.reached()
        self._done.add(message.id)
        return True

    async def claim(
        self, choose: Choose, *, worker: str, now: float, lease_until: float, limit: int
    ) -> Sequence[Message]:
        claimed = await self._right.claim(
            choose, worker=worker, now=now, lease_until=lease_until, limit=limit
        )
        for message in claimed:
            if message.id in self._done:
                self._probe.triggered()
        return claimed


class _WrittenTwice:
    """The twin: writes every end down twice; the second time changes nothing."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def settle(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        self._probe.reached()
        settled = await self._right.settle(message, attempt, verdict)
        await self._right.settle(message, attempt, verdict)
        return settled


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _Forgetful(policies["hub.leases"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _WrittenTwice(policies["hub.leases"], probe))


DEFECT = Defect(
    id="hub-settlement-forgotten",
    family="queue",
    title="A delivery that succeeded at the first attempt is not written down, and so made again.",
    breaks=("hub.delivered-once",),
    apply=_apply,
    twin=_twin,
)
