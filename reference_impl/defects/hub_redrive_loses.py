"""A dead letter that is redriven leaves the dead letters and is never due."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.ports import MessageStore
from reference_impl.kit.policies import PolicyTable, Probe

_TEN_YEARS = 10 * 365 * 24 * 3600.0
_A_MOMENT = 0.5


class _Redrives:
    """Makes a redriven message due later than now."""

    def __init__(self, right: MessageStore, probe: Probe, later: float) -> None:
        self._right = right
        self._probe = probe
        self._later = later

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def redrive(self, message_id: str, *, at: float) -> bool:
        self._probe.reached()
        redriven = await self._right.redrive(message_id, at=at + self._later)
        if redriven and self._later > _A_MOMENT:
            self._probe.triggered()
        return redriven


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.messages", _Redrives(policies["hub.messages"], probe, _TEN_YEARS))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A redriven message is delivered half a second later."""
    policies.replace("hub.messages", _Redrives(policies["hub.messages"], probe, _A_MOMENT))


DEFECT = Defect(
    id="hub-redrive-loses",
    family="queue",
    title="A dead letter that is redriven leaves the dead letters and is never due.",
    breaks=("hub.redrive-delivers",),
    apply=_apply,
    twin=_twin,
)
