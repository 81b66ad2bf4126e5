"""The queue depth in the metrics leaves out what is scheduled or under way."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import QueueDepth
from reference_impl.kit.policies import PolicyTable, Probe

_Shown = Callable[[QueueDepth], int]


class _ReadyOnly:
    """Shows only what could be claimed now."""

    def __init__(self, right: _Shown, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, depth: QueueDepth) -> int:
        self._probe.reached()
        if depth.ready != self._right(depth):
            self._probe.triggered()
        return depth.ready


class _SummedUp:
    """The twin: adds the same three up itself."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, depth: QueueDepth) -> int:
        self._probe.reached()
        return sum((depth.leased, depth.scheduled, depth.ready))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.depth_shown", _ReadyOnly(policies["hub.depth_shown"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.depth_shown", _SummedUp(probe))


DEFECT = Defect(
    id="queue-depth-counts-ready-only",
    family="resilience",
    title="The queue depth in the metrics leaves out what is scheduled or under way.",
    breaks=("monitoring.queue-depth-visible",),
    apply=_apply,
    twin=_twin,
)
