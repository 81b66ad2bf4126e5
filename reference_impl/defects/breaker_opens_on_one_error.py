"""A circuit breaker opens with the first failure, whatever its minimum of calls."""

from reference_impl.breakers.library.decisions import Opening
from reference_impl.breakers.library.states import BreakerSettings, Counts, Reason
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AtTheFirst:
    """Needs neither enough calls nor a rate."""

    def __init__(self, right: Opening, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        self._probe.reached()
        reason = self._right.reason(counts, settings)
        if reason is not None or not counts.failures:
            return reason
        self._probe.triggered()
        return Reason.FAILURE_RATE


class _SlowFirst:
    """The twin: the same thresholds, but a slow upstream is named before a failing one."""

    def __init__(self, right: Opening, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        self._probe.reached()
        return self._right.reason(counts._replace(failures=0), settings) or self._right.reason(
            counts, settings
        )


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.opening", _AtTheFirst(policies["breakers.opening"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.opening", _SlowFirst(policies["breakers.opening"], probe))


DEFECT = Defect(
    id="breaker-opens-on-one-error",
    family="circuit-breaker",
    title="A circuit breaker opens with the first failure, whatever its minimum of calls.",
    breaks=("breakers.opens-at-threshold",),
    apply=_apply,
    twin=_twin,
)
