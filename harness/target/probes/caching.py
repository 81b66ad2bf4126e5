"""Caching: some read of the target says how long it may be kept."""

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Ask declared reads that need no id."""
    return seek(
        asking, "caching", lambda answer: "cache-control" in answer.headers, lacking="has Cache-Control"
    )


PROBE = Probe(id="caching", ask=ask)
