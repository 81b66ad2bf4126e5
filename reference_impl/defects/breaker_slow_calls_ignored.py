"""A circuit breaker looks at failures only; however slow its upstream is, it stays closed."""

from reference_impl.breakers.library.decisions import Opening
from reference_impl.breakers.library.states import BreakerSettings, Counts, Reason
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _FailuresOnly:
    """Takes every call that succeeded for a quick one."""

    def __init__(self, right: Opening, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        self._probe.reached()
        reason = self._right.reason(counts._replace(slow=0), settings)
        if reason is None and self._right.reason(counts, settings) is not None:
            self._probe.triggered()
        return reason


class _SlowIsFailure:
    """The twin: opens at the same moment and says that calls failed."""

    def __init__(self, right: Opening, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        self._probe.reached()
        return None if self._right.reason(counts, settings) is None else Reason.FAILURE_RATE


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.opening", _FailuresOnly(policies["breakers.opening"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.opening", _SlowIsFailure(policies["breakers.opening"], probe))


DEFECT = Defect(
    id="breaker-slow-calls-ignored",
    family="circuit-breaker",
    title="A circuit breaker looks at failures only; however slow its upstream is, it stays closed.",
    breaks=("breakers.slow-calls-counted",),
    apply=_apply,
    twin=_twin,
)
