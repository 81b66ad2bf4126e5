"""A half-open breaker lets every call through, not only its probes."""

from reference_impl.breakers.library.decisions import HalfOpenPermits
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Everybody:
    """Knows no number of probes."""

    def __init__(self, right: HalfOpenPermits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool:
        self._probe.reached()
        if not self._right.grants(in_flight=in_flight, succeeded=succeeded, permitted=permitted):
            self._probe.triggered()
        return True


class _WhatIsLeft:
    """The twin: counts down from the permitted ones instead of up to them."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool:
        self._probe.reached()
        return permitted - succeeded - in_flight > 0


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.half_open_permits", _Everybody(policies["breakers.half_open_permits"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.half_open_permits", _WhatIsLeft(probe))


DEFECT = Defect(
    id="breaker-half-open-flood",
    family="circuit-breaker",
    title="A half-open breaker lets every call through, not only its probes.",
    breaks=("breakers.recovers-through-half-open",),
    apply=_apply,
    twin=_twin,
)
