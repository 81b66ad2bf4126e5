"""A webhook signs its body parsed and written anew, not the bytes that are sent."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.signing import SignaturePolicy
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: SignaturePolicy = policies["webhook.signature"]

    def over_parsed(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
        probe.reached()
        anew = json.dumps(json.loads(body), sort_keys=True).encode()
        if anew != body:
            probe.triggered()
        return right(secret, message_id, timestamp, anew)

    policies.replace("webhook.signature", over_parsed)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The same signature twice is as good as once."""
    right: SignaturePolicy = policies["webhook.signature"]

    def doubled(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
        probe.reached()
        signature = right(secret, message_id, timestamp, body)
        return f"{signature} {signature}"

    policies.replace("webhook.signature", doubled)


DEFECT = Defect(
    id="webhook-signature-over-parsed-body",
    family="webhook",
    title="A webhook signs its body parsed and written anew, not the bytes that are sent.",
    breaks=("hub.webhook-signature-covers-timestamp",),
    apply=_apply,
    twin=_twin,
)
