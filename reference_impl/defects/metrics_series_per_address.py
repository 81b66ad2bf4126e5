"""Every address that a client makes up has a series of its own in the metrics."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import MetricLabels
from reference_impl.kit.policies import PolicyTable, Probe

_NOWHERE = "unmatched"


class _RawPath:
    """Counts what was routed nowhere under its own path."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        if route != _NOWHERE:
            return self._right(route, path, status)
        self._probe.triggered()
        return self._right(path, path, status)


class _OtherWord:
    """The twin: has another word for nowhere."""

    def __init__(self, right: MetricLabels, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, route: str, path: str, status: int) -> tuple[str, str]:
        self._probe.reached()
        return self._right("nowhere" if route == _NOWHERE else route, path, status)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _RawPath(policies["gateway.metric_labels"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.metric_labels", _OtherWord(policies["gateway.metric_labels"], probe))


DEFECT = Defect(
    id="metrics-series-per-address",
    family="resilience",
    title="Every address that a client makes up has a series of its own in the metrics.",
    breaks=("monitoring.metrics-bounded",),
    apply=_apply,
    twin=_twin,
)
