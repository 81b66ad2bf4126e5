"""Every request begins a trace of its own, whatever trace it came with."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.context import TracePolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.telemetry import TraceContext


class _AlwaysNew:
    """Takes no notice of traceparent."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, traceparent: str | None) -> TraceContext:
        self._probe.reached()
        if traceparent and TraceContext.parse(traceparent) is not None:
            self._probe.triggered()
        return TraceContext.new()


class _NotSampled:
    """The twin: goes on with the trace, and samples nothing."""

    def __init__(self, right: TracePolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, traceparent: str | None) -> TraceContext:
        self._probe.reached()
        return replace(self._right(traceparent), sampled=False)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.trace", _AlwaysNew(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.trace", _NotSampled(policies["gateway.trace"], probe))


DEFECT = Defect(
    id="trace-restarted-at-the-door",
    family="resilience",
    title="Every request begins a trace of its own, whatever trace it came with.",
    breaks=("monitoring.trace-context-echoed",),
    apply=_apply,
    twin=_twin,
)
