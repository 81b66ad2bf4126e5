"""Every attempt carries an idempotency key of its own, so a receiver takes a repetition for news."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message
from reference_impl.hub.signing import KeyPolicy
from reference_impl.kit.policies import PolicyTable, Probe


class _PerAttempt:
    """Numbers the attempts; wrong from the second one on."""

    def __init__(self, right: KeyPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, message: Message) -> str:
        self._probe.reached()
        if message.attempts > 1:
            self._probe.triggered()
        return f"{self._right(message)}-{message.attempts}"


class _Prefixed:
    """The twin: another form of the same key."""

    def __init__(self, right: KeyPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, message: Message) -> str:
        self._probe.reached()
        return f"hub-{self._right(message)}"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.idempotency_key", _PerAttempt(policies["webhook.idempotency_key"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.idempotency_key", _Prefixed(policies["webhook.idempotency_key"], probe))


DEFECT = Defect(
    id="retry-under-new-key",
    family="retry",
    title="Every attempt carries an idempotency key of its own, so a receiver takes a repetition for news.",
    breaks=("hub.attempts-share-key",),
    apply=_apply,
    twin=_twin,
)
