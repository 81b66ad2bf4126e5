"""Validators: some read of the target carries an ETag, so that clients can ask and write conditionally."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.declaring import plain_reads
from harness.target.probes.protocol import Asking, Probe, capability, said


def ask(asking: Asking) -> Capability:
    """Ask declared reads that need no id."""
    asked = 0
    for path in plain_reads(asking):
        answer = asking.send("validators", "GET", path, headers=asking.identity_headers())
        if isinstance(answer, str) or answer.status_code != 200:
            continue
        asked += 1
        if answer.headers.get("etag"):
            return capability("validators", CapabilityState.PRESENT, f"{said(answer)} with ETag", (path,))
    if asked:
        return capability("validators", CapabilityState.ABSENT, f"none of {asked} reads carries an ETag")
    return capability("validators", CapabilityState.UNKNOWN, "nothing was found that GET answers with 200")


PROBE = Probe(id="validators", ask=ask, requirement="http.validators-sent")
