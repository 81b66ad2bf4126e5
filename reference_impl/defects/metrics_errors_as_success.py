"""Error answers are counted under 200."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import MetricLabels
from reference_impl.kit.policies import PolicyTable, Probe


class _AllWell:
    """Every answer is an answer."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        if status >= 400:
            self._probe.triggered()
        return self._right(route, path, min(status, 200))


class _PlainRoute:
    """The twin: what was routed nowhere is counted in other words."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        return self._right("none" if route == "unmatched" else route, path, status)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _AllWell(policies["gateway.metric_labels"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _PlainRoute(policies["gateway.metric_labels"], probe))


DEFECT = Defect(
    id="metrics-errors-as-success",
    family="resilience",
    title="Error answers are counted under 200.",
    breaks=("monitoring.metrics-count-errors", "monitoring.metrics-move"),
    apply=_apply,
    twin=_twin,
)
