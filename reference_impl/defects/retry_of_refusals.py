"""A delivery that its receiver refused for good is tried again."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure, FailureKind
from reference_impl.hub.policies import Retryable
from reference_impl.kit.policies import PolicyTable, Probe


class _EverythingPasses:
    """Hopes that a refusal is forgotten."""

    def __init__(self, right: Retryable, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, failure: Failure) -> bool:
        if failure.kind is not FailureKind.REJECTED:
            return self._right(failure)
        self._probe.reached()
        self._probe.triggered()
        return True


class _TooEarly:
    """The twin: retries a 409 as what it says to be, a conflict that may pass."""

    def __init__(self, right: Retryable, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, failure: Failure) -> bool:
        self._probe.reached()
        return failure.status == 409 or self._right(failure)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.retryable", _EverythingPasses(policies["hub.retryable"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.retryable", _TooEarly(policies["hub.retryable"], probe))


DEFECT = Defect(
    id="retry-of-refusals",
    family="retry",
    title="A delivery that its receiver refused for good is tried again.",
    breaks=("hub.refusals-not-retried",),
    apply=_apply,
    twin=_twin,
)
