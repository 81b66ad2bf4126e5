"""Every attempt to deliver a message says something else."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message
from reference_impl.hub.webhooks import Compose
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Compose = policies["webhook.body"]

    def with_attempt(message: Message) -> bytes:
        event = json.loads(right(message))
        probe.reached()
        if message.attempts > 1:
            probe.triggered()
        return json.dumps({**event, "attempt": message.attempts}, separators=(",", ":")).encode()

    policies.replace("webhook.body", with_attempt)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks in the body, the same ones every time."""
    right: Compose = policies["webhook.body"]

    def spaced(message: Message) -> bytes:
        probe.reached()
        return json.dumps(json.loads(right(message))).encode()

    policies.replace("webhook.body", spaced)


DEFECT = Defect(
    id="webhook-body-per-attempt",
    family="webhook",
    title="Every attempt to deliver a message has another body.",
    breaks=("hub.webhook-repeats-recognisable",),
    apply=_apply,
    twin=_twin,
)
