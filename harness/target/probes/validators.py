"""Validators: some read of the target carries an ETag, so that clients can ask and write conditionally."""

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe


def ask(asking: Asking) -> Capability:
    """Ask declared reads; where no single object could be read, nothing is known: they are what has a tag."""
    return seek(
        asking,
        "validators",
        lambda answer: "etag" in answer.headers,
        lacking="carries an ETag",
        needs_item=True,
    )


PROBE = Probe(id="validators", ask=ask, requirement="http.validators-sent")
