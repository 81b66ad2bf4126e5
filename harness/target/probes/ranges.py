"""Ranges: some read of the target offers to give a part of itself."""

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Ask declared reads that need no id."""
    return seek(
        asking,
        "ranges",
        lambda answer: answer.headers.get("accept-ranges", "none").lower() == "bytes",
        lacking="offers ranges",
    )


PROBE = Probe(id="ranges", ask=ask)
