"""HEAD: some read of the target is answered to HEAD as well."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.declaring import plain_reads
from harness.target.probes.protocol import Asking, Probe, capability, said

_REFUSED = frozenset({400, 404, 405, 410, 501})


def ask(asking: Asking) -> Capability:
    """Ask what GET finds by HEAD; servers that refuse it everywhere do not have it."""
    refused = ""
    for path in plain_reads(asking):
        headers = asking.identity_headers()
        found = asking.send("head", "GET", path, headers=headers)
        if isinstance(found, str) or found.status_code != 200:
            continue
        answer = asking.send("head", "HEAD", path, headers=headers)
        if not isinstance(answer, str) and answer.status_code not in _REFUSED:
            return capability("head", CapabilityState.PRESENT, said(answer), (path,))
        refused = refused or said(answer)
    if refused:
        return capability("head", CapabilityState.ABSENT, refused)
    return capability("head", CapabilityState.UNKNOWN, "nothing was found that GET answers with 200")


PROBE = Probe(id="head", ask=ask)
