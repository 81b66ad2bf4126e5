"""Replaceable: declared resources that can be read, and replaced as a whole."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    instance = asking.instance
    methods: dict[str, set[str]] = {}
    for each in instance.operations:
        methods.setdefault(each.path, set()).add(each.method)
    found = tuple(f"PUT {path}" for path, names in methods.items() if {"GET", "PUT"} <= names)
    has_document = instance.openapi_document is not None
    return declared_or_absent("replaceable", found, "resource with GET and PUT", has_document=has_document)


PROBE = Probe(id="replaceable", ask=ask)
