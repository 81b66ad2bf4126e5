"""Compression: some read of the target is answered compressed to who accepts it."""

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe, was_compressed


def ask(asking: Asking) -> Capability:
    """Ask declared reads that need no id."""
    gzip = {"Accept-Encoding": "gzip"}
    return seek(asking, "compression", was_compressed, lacking="is compressed", headers=gzip)


PROBE = Probe(id="compression", ask=ask)
