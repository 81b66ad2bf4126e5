"""Validators: some read of the target carries an ETag, so that clients can ask and write conditionally."""

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Ask declared reads that need no id."""
    return seek(asking, "validators", lambda answer: "etag" in answer.headers, lacking="carries an ETag")


PROBE = Probe(id="validators", ask=ask, requirement="http.validators-sent")
