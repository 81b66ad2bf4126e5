"""The breakers' health says that all is well while one is open."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reference_impl.breakers.models import Assessment, BreakerView, Health
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Assess = Callable[[Sequence[BreakerView]], Assessment]


class _AllIsWell:
    """Counts the breakers and finds nothing to say about them."""

    def __init__(self, right: _Assess, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, views: Sequence[BreakerView]) -> Assessment:
        self._probe.reached()
        found = self._right(views)
        if found.health is not Health.HEALTHY:
            self._probe.triggered()
        return replace(found, health=Health.HEALTHY, recommendations=())


class _WorstFirst:
    """The twin: the same findings in another order."""

    def __init__(self, right: _Assess, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, views: Sequence[BreakerView]) -> Assessment:
        self._probe.reached()
        found = self._right(views)
        return replace(found, recommendations=found.recommendations[::-1])


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.assessment", _AllIsWell(policies["breakers.assessment"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.assessment", _WorstFirst(policies["breakers.assessment"], probe))


DEFECT = Defect(
    id="breaker-health-always-healthy",
    family="resilience",
    title="The breakers' health says that all is well while one is open.",
    breaks=("breakers.status-shows-truth",),
    apply=_apply,
    twin=_twin,
)
