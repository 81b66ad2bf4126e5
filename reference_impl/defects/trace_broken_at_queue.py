"""A delivery begins a trace of its own instead of going on with that of the request."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.signing import TracePolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.telemetry import TraceContext


class _BrandNew:
    """Knows nothing of the request."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, traceparent: str) -> TraceContext:
        self._probe.reached()
        if TraceContext.parse(traceparent) is not None:
            self._probe.triggered()
        return TraceContext.new()


class _NotSampled:
    """The twin: goes on with the trace and says that it is not sampled here."""

    def __init__(self, right: TracePolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, traceparent: str) -> TraceContext:
        self._probe.reached()
        return replace(self._right(traceparent), sampled=False)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.trace", _BrandNew(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.trace", _NotSampled(policies["webhook.trace"], probe))


DEFECT = Defect(
    id="trace-broken-at-queue",
    family="resilience",
    title="A delivery begins a trace of its own instead of going on with that of the request.",
    breaks=("monitoring.trace-continues-to-webhook",),
    apply=_apply,
    twin=_twin,
)
