"""A receiver that says when to come back is asked before that time."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure
from reference_impl.hub.policies import Backoff
from reference_impl.kit.http import Random
from reference_impl.kit.policies import PolicyTable, Probe


class _OwnPace:
    """Keeps to its own backoff."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        wait = self._right(attempt, replace(failure, retry_after=None), random)
        if failure.retry_after is not None:
            self._probe.reached()
            if wait < failure.retry_after:
                self._probe.triggered()
        return wait


class _SomewhatLater:
    """The twin: comes back a tenth later than it was asked to."""

    def __init__(self, right: Backoff, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        self._probe.reached()
        wait = self._right(attempt, failure, random)
        return wait if failure.retry_after is None else 1.1 * wait


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _OwnPace(policies["hub.backoff"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.backoff", _SomewhatLater(policies["hub.backoff"], probe))


DEFECT = Defect(
    id="retry-after-ignored",
    family="retry",
    title="A receiver that says when to come back is asked before that time.",
    breaks=("hub.retry-after-obeyed",),
    apply=_apply,
    twin=_twin,
)
