"""A probe that fails changes nothing; the breaker stays half-open and goes on probing."""

from reference_impl.breakers.library.decisions import ProbeOutcome
from reference_impl.breakers.library.states import State
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _OnlySuccessCounts:
    """Waits for enough probes that succeed, however many fail in between."""

    def __init__(self, right: ProbeOutcome, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def next_state(self, *, failed: bool, succeeded: int, permitted: int) -> State | None:
        self._probe.reached()
        if not failed:
            return self._right.next_state(failed=failed, succeeded=succeeded, permitted=permitted)
        self._probe.triggered()
        return None


class _Counted:
    """The twin: decides as is right; a probe that fails opens the breaker for another cool-down."""

    def __init__(self, right: ProbeOutcome, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def next_state(self, *, failed: bool, succeeded: int, permitted: int) -> State | None:
        self._probe.reached()
        return (
            State.OPEN
            if failed
            else self._right.next_state(failed=False, succeeded=succeeded, permitted=permitted)
        )


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.probe_outcome", _OnlySuccessCounts(policies["breakers.probe_outcome"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.probe_outcome", _Counted(policies["breakers.probe_outcome"], probe))


DEFECT = Defect(
    id="breaker-failed-probe-forgotten",
    family="circuit-breaker",
    title="A probe that fails changes nothing; the breaker stays half-open and goes on probing.",
    breaks=("breakers.recovers-through-half-open",),
    apply=_apply,
    twin=_twin,
)
