"""Idempotency keys: operations that declare the header."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent, parameters, raw_operations
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    found = tuple(
        name
        for name, raw, item in raw_operations(asking)
        if any(
            each.get("in") == "header" and str(each.get("name", "")).lower() == "idempotency-key"
            for each in parameters(asking, raw, item)
        )
    )
    has_document = asking.instance.openapi_document is not None
    return declared_or_absent(
        "idempotency-keys", found, "operation with an Idempotency-Key", has_document=has_document
    )


PROBE = Probe(id="idempotency-keys", ask=ask)
