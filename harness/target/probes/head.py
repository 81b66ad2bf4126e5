"""HEAD: some read of the target is answered to HEAD as well."""

import httpx

from harness.core.plan import Capability
from harness.target.probes.declaring import seek
from harness.target.probes.protocol import Asking, Probe

_REFUSED = frozenset({400, 404, 405, 410, 501})


def ask(asking: Asking) -> Capability:
    """Ask what GET finds by HEAD; servers that refuse it everywhere do not have it."""

    def is_answered(found: httpx.Response) -> bool:
        answer = asking.send("head", "HEAD", str(found.request.url), headers=asking.identity_headers())
        return not isinstance(answer, str) and answer.status_code not in _REFUSED

    return seek(asking, "head", is_answered, lacking="is answered to HEAD")


PROBE = Probe(id="head", ask=ask)
