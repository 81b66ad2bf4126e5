"""A message of low priority never rises, so that urgent ones starve it."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Waiting
from reference_impl.hub.policies import PriorityOrder
from reference_impl.kit.policies import PolicyTable, Probe

_EARLIER_SECONDS = 10.0


class _NeverRises:
    """Looks at the priority alone; wrong when something that aged would have gone."""

    def __init__(self, right: PriorityOrder, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, waiting: Sequence[Waiting], now: float, limit: int) -> Sequence[Waiting]:
        self._probe.reached()
        rigid = sorted(waiting, key=lambda item: (item.priority.rank, item.available_at, item.sequence))
        if set(rigid[:limit]) != set(self._right(waiting, now, limit)):
            self._probe.triggered()
        return rigid[:limit]


class _RisesSooner:
    """The twin: every step of aging is taken ten seconds early."""

    def __init__(self, right: PriorityOrder, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, waiting: Sequence[Waiting], now: float, limit: int) -> Sequence[Waiting]:
        self._probe.reached()
        return self._right(waiting, now + _EARLIER_SECONDS, limit)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.priority_order", _NeverRises(policies["hub.priority_order"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.priority_order", _RisesSooner(policies["hub.priority_order"], probe))


DEFECT = Defect(
    id="hub-low-priority-starved",
    family="queue",
    title="A message of low priority never rises, so that urgent ones starve it.",
    breaks=("hub.low-priority-ages",),
    apply=_apply,
    twin=_twin,
)
