"""Messages that failed together are tried again together; nothing spreads their pauses."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure
from reference_impl.hub.policies import Backoff
from reference_impl.kit.http import Random
from reference_impl.kit.policies import PolicyTable, Probe


class _NoDice:
    """Always throws the same."""

    def random(self) -> float:
        return 1.0


class _UpperHalf:
    """Throws the dice for the upper half only."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def random(self) -> float:
        return 0.5 + self._dice.random() / 2


class _Exact:
    """Waits exactly as long as the backoff's ceiling."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:  # noqa: ARG002 - the policy's signature
        self._probe.reached()
        self._probe.triggered()
        return self._right(attempt, failure, _NoDice())


class _EqualJitter:
    """The twin: half of the pause is fixed, half is thrown."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        return self._right(attempt, failure, _UpperHalf(random))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _Exact(policies["hub.backoff"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _EqualJitter(policies["hub.backoff"], probe))


DEFECT = Defect(
    id="retry-without-jitter",
    family="retry",
    title="Messages that failed together are tried again together; nothing spreads their pauses.",
    breaks=("hub.retries-with-backoff",),
    apply=_apply,
    twin=_twin,
)
