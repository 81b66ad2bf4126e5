"""Every attempt to deliver a message has an id of its own, so no receiver can tell a repetition."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message
from reference_impl.hub.webhooks import Identify
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Identify = policies["webhook.id"]

    def numbered(message: Message) -> str:
        probe.reached()
        if message.attempts > 1:
            probe.triggered()
        return f"{right(message)}.{message.attempts}"

    policies.replace("webhook.id", numbered)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks around an id would be none of it."""
    right: Identify = policies["webhook.id"]

    def stripped(message: Message) -> str:
        probe.reached()
        return right(message).strip()

    policies.replace("webhook.id", stripped)


DEFECT = Defect(
    id="webhook-id-per-attempt",
    family="webhook",
    title="Every attempt to deliver a message has an id of its own.",
    breaks=("hub.webhook-repeats-recognisable",),
    apply=_apply,
    twin=_twin,
)
