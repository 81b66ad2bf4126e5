"""A dead letter does not say why it died."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Failure
from reference_impl.hub.policies import DeadLetterReason
from reference_impl.kit.policies import PolicyTable, Probe


class _Silent:
    """Returns no words; the policy is asked only for a dead letter that is about to be shown."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, _failure: Failure, _attempts: int, _max_attempts: int) -> str:
        self._probe.reached()
        self._probe.triggered()
        return ""


class _OtherWords:
    """Says the same at more length."""

    def __init__(self, right: DeadLetterReason, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, failure: Failure, attempts: int, max_attempts: int) -> str:
        self._probe.reached()
        return f"Given up. {self._right(failure, attempts, max_attempts)} It can be redriven."


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.dead_letter_reason", _Silent(probe))


def _apply_twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.dead_letter_reason", _OtherWords(policies["hub.dead_letter_reason"], probe))


DEFECT = Defect(
    id="dead-letter-without-reason",
    family="queue",
    title="A dead letter does not say why it died.",
    breaks=("hub.dead-letter-names-reason",),
    apply=_apply,
    twin=_apply_twin,
)
