"""Changeable: declared resources that can be read, and changed whole or in part."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    operations = asking.instance.operations
    read = {each.path for each in operations if each.method == "GET"}
    found = tuple(
        each.subject for each in operations if each.method in {"PUT", "PATCH"} and each.path in read
    )
    has_document = asking.instance.openapi_document is not None
    return declared_or_absent(
        "changeable", found, "resource with GET and PUT or PATCH", has_document=has_document
    )


PROBE = Probe(id="changeable", ask=ask)
