"""A breaker that opened admits no probe, so its upstream is never asked again."""

from reference_impl.breakers.library.decisions import HalfOpenPermits
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Nobody:
    """Waits for somebody to close the breaker by hand."""

    def __init__(self, right: HalfOpenPermits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool:
        self._probe.reached()
        if self._right.grants(in_flight=in_flight, succeeded=succeeded, permitted=permitted):
            self._probe.triggered()
        return False


class _AskedTwice:
    """The twin: admits a probe when it was admitted twice."""

    def __init__(self, right: HalfOpenPermits, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool:
        self._probe.reached()
        first = self._right.grants(in_flight=in_flight, succeeded=succeeded, permitted=permitted)
        return first and self._right.grants(in_flight=in_flight, succeeded=succeeded, permitted=permitted)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.half_open_permits", _Nobody(policies["breakers.half_open_permits"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.half_open_permits", _AskedTwice(policies["breakers.half_open_permits"], probe))


DEFECT = Defect(
    id="breaker-never-recovers",
    family="circuit-breaker",
    title="A breaker that opened admits no probe, so its upstream is never asked again.",
    breaks=("search.recovers-with-upstream",),
    apply=_apply,
    twin=_twin,
)
