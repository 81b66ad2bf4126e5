"""A circuit breaker stays closed whatever fails."""

from reference_impl.breakers.library.decisions import Opening
from reference_impl.breakers.library.states import BreakerSettings, Counts, Reason
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _NeverOpens:
    """Sees that the threshold is reached and lets it pass."""

    def __init__(self, right: Opening, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._due: set[int] = set()

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        """Wrong is only the call after the threshold: the right breaker would have refused it."""
        if self._right.reason(counts, settings) is None:
            self._due.discard(id(settings))
            return None
        self._probe.reached()
        if id(settings) in self._due:
            self._probe.triggered()
        self._due.add(id(settings))
        return None


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.opening", _NeverOpens(policies["breakers.opening"], probe))


DEFECT = Defect(
    id="breaker-never-opens",
    family="circuit-breaker",
    title="A circuit breaker stays closed whatever fails.",
    breaks=("breakers.opens-at-threshold",),
    apply=_apply,
)
