"""Deprecations: operations that the document calls deprecated."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent, raw_operations
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    found = tuple(name for name, raw, _ in raw_operations(asking) if raw.get("deprecated") is True)
    has_document = asking.instance.openapi_document is not None
    return declared_or_absent("deprecations", found, "deprecated operation", has_document=has_document)


PROBE = Probe(id="deprecations", ask=ask)
