"""The pauses between attempts do not grow."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure
from reference_impl.hub.policies import Backoff
from reference_impl.kit.http import Random
from reference_impl.kit.policies import PolicyTable, Probe


class _AlwaysTheFirst:
    """Waits after each attempt as after the first."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        if attempt > 1:
            self._probe.triggered()
        return self._right(1, failure, random)


class _LargerOfTwo:
    """The twin: throws the dice twice and waits the longer of the two times."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        return max(self._right(attempt, failure, random), self._right(attempt, failure, random))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _AlwaysTheFirst(policies["hub.backoff"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _LargerOfTwo(policies["hub.backoff"], probe))


DEFECT = Defect(
    id="retry-without-backoff",
    family="retry",
    title="The pauses between attempts do not grow.",
    breaks=("hub.retries-with-backoff",),
    apply=_apply,
    twin=_twin,
)
