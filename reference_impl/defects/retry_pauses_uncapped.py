"""The pauses between attempts grow for ever."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure
from reference_impl.hub.policies import Backoff
from reference_impl.kit.http import Random
from reference_impl.kit.policies import PolicyTable, Probe

_CAP_SECONDS = 300.0
_LAST_BELOW_THE_CAP = 9
_MINUTE = 60.0


class _Growing:
    """Goes on doubling where the right backoff stops; wrong beyond its cap."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        wait = self._right(attempt, failure, random)
        if failure.retry_after is not None:
            return wait
        grown = wait * 2.0 ** max(0, attempt - _LAST_BELOW_THE_CAP)
        if grown > _CAP_SECONDS:
            self._probe.triggered()
        return grown


class _Sooner:
    """The twin: a cap of one minute."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        wait = self._right(attempt, failure, random)
        return wait if failure.retry_after is not None else min(wait, _MINUTE)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _Growing(policies["hub.backoff"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _Sooner(policies["hub.backoff"], probe))


DEFECT = Defect(
    id="retry-pauses-uncapped",
    family="retry",
    title="The pauses between attempts grow for ever.",
    breaks=("hub.retry-pauses-capped",),
    apply=_apply,
    twin=_twin,
)
