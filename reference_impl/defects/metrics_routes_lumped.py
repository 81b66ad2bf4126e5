"""Requests are counted under the first word of their route."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import MetricLabels
from reference_impl.kit.policies import PolicyTable, Probe


class _FirstWord:
    """Knows services and no operations."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        word = "/" + route.strip("/").partition("/")[0]
        if word != route:
            self._probe.triggered()
        return self._right(word, path, status)


class _PlainRoute:
    """The twin: what was routed nowhere is counted in other words."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        return self._right("none" if route == "unmatched" else route, path, status)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _FirstWord(policies["gateway.metric_labels"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _PlainRoute(policies["gateway.metric_labels"], probe))


DEFECT = Defect(
    id="metrics-routes-lumped",
    family="resilience",
    title="Requests are counted under the first word of their route.",
    breaks=("monitoring.metrics-count-requests",),
    apply=_apply,
    twin=_twin,
)
