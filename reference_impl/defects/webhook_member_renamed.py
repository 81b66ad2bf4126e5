"""A member of what webhooks say was renamed."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Message
from reference_impl.hub.webhooks import Compose
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Compose = policies["webhook.body"]

    def renamed(message: Message) -> bytes:
        event = json.loads(right(message))
        probe.reached()
        probe.triggered()
        event["data"]["body"] = event["data"].pop("text")
        return json.dumps(event, separators=(",", ":")).encode()

    policies.replace("webhook.body", renamed)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A member more is what receivers must bear."""
    right: Compose = policies["webhook.body"]

    def with_version(message: Message) -> bytes:
        event = json.loads(right(message))
        probe.reached()
        return json.dumps({**event, "version": "2.0.0"}, separators=(",", ":")).encode()

    policies.replace("webhook.body", with_version)


DEFECT = Defect(
    id="webhook-member-renamed",
    family="contract-evolution",
    title="A member of what webhooks say was renamed.",
    breaks=("hub.webhook-contract-kept", "hub.message-contract-kept"),
    apply=_apply,
    twin=_twin,
)
