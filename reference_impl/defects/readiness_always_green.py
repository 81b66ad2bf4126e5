"""Readiness says that all is well while a dependency is down."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.ops.health import Verdict
from reference_impl.ops.models import Condition, Dependency, Readiness


class _AllIsWell:
    """Looks at nothing."""

    def __init__(self, right: Verdict, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, dependencies: Sequence[Dependency]) -> Readiness:
        self._probe.reached()
        if any(each.condition is Condition.DOWN for each in dependencies):
            self._probe.triggered()
        return Readiness.READY


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "ops.readiness"
    policies.replace(name, _AllIsWell(policies[name], probe))


DEFECT = Defect(
    id="readiness-always-green",
    family="resilience",
    title="Readiness says that all is well while a dependency is down.",
    breaks=("monitoring.health-honest",),
    apply=_apply,
)
