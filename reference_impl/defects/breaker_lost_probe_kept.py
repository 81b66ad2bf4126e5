"""A probe that never comes back keeps its permit, and the breaker stays half-open."""

from reference_impl.breakers.library.decisions import ProbeReclaim
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_GRACE_SECONDS = 0.5


class _Never:
    """Believes that every probe will come back."""

    def __init__(self, right: ProbeReclaim, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_lost(self, *, age_seconds: float, timeout_seconds: float) -> bool:
        self._probe.reached()
        if self._right.is_lost(age_seconds=age_seconds, timeout_seconds=timeout_seconds):
            self._probe.triggered()
        return False


class _SlightlyLater:
    """The twin: gives a probe half a second of grace."""

    def __init__(self, right: ProbeReclaim, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_lost(self, *, age_seconds: float, timeout_seconds: float) -> bool:
        self._probe.reached()
        return self._right.is_lost(age_seconds=age_seconds - _GRACE_SECONDS, timeout_seconds=timeout_seconds)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.probe_reclaim", _Never(policies["breakers.probe_reclaim"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.probe_reclaim", _SlightlyLater(policies["breakers.probe_reclaim"], probe))


DEFECT = Defect(
    id="breaker-lost-probe-kept",
    family="circuit-breaker",
    title="A probe that never comes back keeps its permit, and the breaker stays half-open.",
    breaks=("breakers.lost-probe-replaced",),
    apply=_apply,
    twin=_twin,
)
