"""The metric of a dependency shows it up, whatever happens to it."""

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.ops.health import Level
from reference_impl.ops.models import Condition


class _AlwaysUp:
    """Shows what it showed at the start."""

    def __init__(self, right: Level, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, condition: Condition) -> int:
        self._probe.reached()
        if self._right(condition) != 1:
            self._probe.triggered()
        return 1


class _Spelled:
    """The twin: decides by what is down instead of by what is up."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, condition: Condition) -> int:
        self._probe.reached()
        return 0 if condition is Condition.DOWN else 1


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("ops.level", _AlwaysUp(policies["ops.level"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("ops.level", _Spelled(probe))


DEFECT = Defect(
    id="dependency-metric-frozen",
    family="resilience",
    title="The metric of a dependency shows it up, whatever happens to it.",
    breaks=("monitoring.fault-visible-in-metrics",),
    apply=_apply,
    twin=_twin,
)
