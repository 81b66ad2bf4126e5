"""A worker that stood still for longer than its lease takes no work any more."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.ports import LeaseStore
from reference_impl.kit.policies import PolicyTable, Probe

_GAP_SECONDS = 3.0


class _OutOfStep:
    """Takes itself for dead when it has not looked for work for a while."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._last: float | None = None
        self._is_dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def has_work(self, now: float) -> bool:
        self._probe.reached()
        self._is_dead |= self._last is not None and now - self._last > _GAP_SECONDS
        self._last = now
        found = await self._right.has_work(now)
        if found and self._is_dead:
            self._probe.triggered()
        return found and not self._is_dead


class _LooksOnceMore:
    """The twin: looks again before it believes that there is nothing to do."""

    def __init__(self, right: LeaseStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def has_work(self, now: float) -> bool:
        self._probe.reached()
        return await self._right.has_work(now) or await self._right.has_work(now)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _OutOfStep(policies["hub.leases"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.leases", _LooksOnceMore(policies["hub.leases"], probe))


DEFECT = Defect(
    id="hub-worker-gives-up",
    family="queue",
    title="A worker that stood still for longer than its lease takes no work any more.",
    breaks=("hub.resumes-after-pause",),
    apply=_apply,
    twin=_twin,
)
