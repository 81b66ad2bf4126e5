"""Negotiation: declared reads that answer with more than one media type."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    instance = asking.instance
    found = tuple(
        each.subject
        for each in instance.operations
        if each.method == "GET" and len(each.responses.get("200", ())) > 1
    )
    has_document = instance.openapi_document is not None
    return declared_or_absent("negotiation", found, "read of several media types", has_document=has_document)


PROBE = Probe(id="negotiation", ask=ask)
