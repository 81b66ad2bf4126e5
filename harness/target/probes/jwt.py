"""JSON Web Tokens: whether an identity's credential is one."""

import base64
import binascii
import json

from harness.core.plan import Capability, CapabilityState
from harness.target.instance import Session
from harness.target.probes.protocol import Asking, Probe, capability


def ask(asking: Asking) -> Capability:
    """Look at the credentials of everybody who is signed in; nothing is sent."""
    sessions = tuple(asking.instance.sessions.values())
    if not sessions:
        return capability("jwt", CapabilityState.UNKNOWN, "nobody is signed in")
    found = tuple(each.name for each in sessions if _has_jwt(each))
    if not found:
        return capability("jwt", CapabilityState.ABSENT, f"none of {len(sessions)} credentials is a JWT")
    return capability(
        "jwt", CapabilityState.PRESENT, f"a JWT in the credentials of {', '.join(found)}", found
    )


def _has_jwt(session: Session) -> bool:
    return any(is_jwt(value.rpartition(" ")[2]) for value in session.headers.values())


def is_jwt(text: str) -> bool:
    """Whether a text is a signed JWT in its compact form."""
    header, _, rest = text.partition(".")
    if rest.count(".") != 1:
        return False
    try:
        read = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(read, dict) and "alg" in read


PROBE = Probe(id="jwt", ask=ask)
