"""Paging: declared reads that take a page size."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent, parameters, raw_operations
from harness.target.probes.protocol import Asking, Probe

#: Names of a page size, in lower case, the most usual first.
SIZES = (
    "limit", "page_size", "pagesize", "per_page", "perpage", "size", "max_results",
    "maxresults", "$top", "top",
)  # fmt: skip


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    found = tuple(
        name
        for name, raw, item in raw_operations(asking)
        if name.startswith("GET ")
        and any(
            each.get("in") == "query" and str(each.get("name", "")).lower() in SIZES
            for each in parameters(asking, raw, item)
        )
    )
    has_document = asking.instance.openapi_document is not None
    return declared_or_absent("paging", found, "list with a page size", has_document=has_document)


PROBE = Probe(id="paging", ask=ask)
