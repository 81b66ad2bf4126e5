"""Messages are delivered in the order of their arrival, whatever their priority."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Waiting
from reference_impl.hub.policies import PriorityOrder
from reference_impl.kit.policies import PolicyTable, Probe


class _FirstComeFirstServed:
    """Wrong is only a choice that leaves a message waiting which should have gone."""

    def __init__(self, right: PriorityOrder, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, waiting: Sequence[Waiting], now: float, limit: int) -> Sequence[Waiting]:
        self._probe.reached()
        chosen = sorted(waiting, key=lambda item: (item.available_at, item.sequence))[:limit]
        right = self._right(waiting, now, limit)
        if {item.sequence for item in chosen} != {item.sequence for item in right}:
            self._probe.triggered()
        return chosen


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.priority_order", _FirstComeFirstServed(policies["hub.priority_order"], probe))


DEFECT = Defect(
    id="hub-priority-ignored",
    family="queue",
    title="Messages are delivered in the order of arrival, whatever their priority.",
    breaks=("hub.priority-strict",),
    apply=_apply,
)
