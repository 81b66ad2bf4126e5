"""A worker waits for a failed message's next attempt before it goes on with others."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Attempt, Message, State, Verdict
from reference_impl.hub.ports import LeaseStore
from reference_impl.kit.policies import PolicyTable, Probe


class _InOrder:
    """Keeps to the order at any price: nothing overtakes a message that failed."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._blocked_until = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def settle(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        if verdict.state is State.QUEUED and verdict.available_at is not None:
            self._probe.reached()
            self._blocked_until = max(self._blocked_until, verdict.available_at)
        return await self._right.settle(message, attempt, verdict)

    async def has_work(self, now: float) -> bool:
        found = await self._right.has_work(now)
        if not found or now >= self._blocked_until:
            return found
        self._probe.triggered()
        return False


class _Eager:
    """The twin: tries to claim without looking first."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def has_work(self, _now: float) -> bool:
        self._probe.reached()
        return True


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _InOrder(policies["hub.leases"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _Eager(policies["hub.leases"], probe))


DEFECT = Defect(
    id="hub-head-of-line-blocks",
    family="queue",
    title="A worker waits for a failed message's next attempt before it goes on with others.",
    breaks=("hub.delayed-block-nobody",),
    apply=_apply,
    twin=_twin,
)
