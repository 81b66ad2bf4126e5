"""Page maximum: declared lists whose document says how many items a page holds at most."""

from harness.core.plan import Capability
from harness.target.probes.declaring import declared_or_absent, parameters, raw_operations
from harness.target.probes.paging import SIZES
from harness.target.probes.protocol import Asking, Probe
from harness.target.schemas import Node, listed, resolved


def ask(asking: Asking) -> Capability:
    """Read the document; nothing is sent."""
    document = asking.instance.openapi_document
    found = tuple(
        name
        for name, raw, item in raw_operations(asking)
        if name.startswith("GET ")
        and any(_is_bounded(each, document or {}) for each in parameters(asking, raw, item))
    )
    return declared_or_absent(
        "page-maximum", found, "page size with a maximum", has_document=document is not None
    )


def _is_bounded(parameter: Node, document: Node) -> bool:
    schema = resolved(parameter.get("schema", parameter), document)
    options = (schema, *(resolved(each, document) for each in listed(schema, "anyOf")))
    is_size = parameter.get("in") == "query" and str(parameter.get("name", "")).lower() in SIZES
    return is_size and any("maximum" in each for each in options)


PROBE = Probe(id="page-maximum", ask=ask)
