"""Callbacks: requests that the target itself makes, as far as its document tells."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent, raw_operations
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    document = asking.instance.openapi_document
    webhooks = (document or {}).get("webhooks")
    found = (
        *(f"webhook {name}" for name in (webhooks if isinstance(webhooks, dict) else ())),
        *(f"callbacks of {name}" for name, raw, _ in raw_operations(asking) if raw.get("callbacks")),
    )
    return declared_or_absent("callbacks", found, "webhook or callback", has_document=document is not None)


PROBE = Probe(id="callbacks", ask=ask)
