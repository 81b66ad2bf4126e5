"""Cookies as credentials: a scheme of the document, or an identity that acts with one."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability


def ask(asking: Asking) -> Capability:
    """Look at the declared schemes and at the identities; nothing is sent."""
    document = asking.instance.openapi_document or {}
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    declared = tuple(
        name for name, each in schemes.items() if isinstance(each, dict) and each.get("in") == "cookie"
    )
    acting = tuple(
        each.name for each in asking.instance.sessions.values() if "cookie" in map(str.lower, each.headers)
    )
    if declared or acting:
        return capability(
            "cookie-auth", CapabilityState.PRESENT, "a cookie is a credential", declared + acting
        )
    return capability("cookie-auth", CapabilityState.ABSENT, "no scheme and no identity uses a cookie")


PROBE = Probe(id="cookie-auth", ask=ask)
