"""A worker does not renew its leases, so a slow delivery is begun a second time."""

from collections.abc import Sequence
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Attempt, Message, Verdict
from reference_impl.hub.ports import LeaseStore
from reference_impl.kit.policies import PolicyTable, Probe

_MORE_SECONDS = 2.0


class _NoHeartbeat:
    """Lets leases run out; wrong when one that was to be renewed is taken from its worker."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._left_alone: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def extend(self, ids: Sequence[str], *, worker: str, lease_until: float) -> None:  # noqa: ARG002 - the port's signature
        self._probe.reached()
        self._left_alone.update(ids)

    async def reclaim(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        taken = await self._right.reclaim(message, attempt, verdict)
        if taken and message.id in self._left_alone:
            self._probe.triggered()
        return taken


class _LongerLease:
    """The twin: every heartbeat renews for a little longer."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def extend(self, ids: Sequence[str], *, worker: str, lease_until: float) -> None:
        self._probe.reached()
        await self._right.extend(ids, worker=worker, lease_until=lease_until + _MORE_SECONDS)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _NoHeartbeat(policies["hub.leases"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _LongerLease(policies["hub.leases"], probe))


DEFECT = Defect(
    id="hub-lease-not-renewed",
    family="queue",
    title="A worker does not renew its leases, so a slow delivery is begun a second time.",
    breaks=("hub.delivered-once",),
    apply=_apply,
    twin=_twin,
)
