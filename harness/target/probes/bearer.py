"""Bearer tokens: a scheme of the document, or an identity that acts with one."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability

_KINDS = frozenset({"oauth2", "openIdConnect"})


def ask(asking: Asking) -> Capability:
    """Look at the declared schemes and at the identities; nothing is sent."""
    document = asking.instance.openapi_document or {}
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    declared = tuple(name for name, each in schemes.items() if isinstance(each, dict) and _is_bearer(each))
    acting = tuple(
        each.name
        for each in asking.instance.sessions.values()
        if any(value.lower().startswith("bearer ") for value in each.headers.values())
    )
    if declared or acting:
        return capability(
            "bearer", CapabilityState.PRESENT, "a bearer token is a credential", declared + acting
        )
    return capability("bearer", CapabilityState.ABSENT, "no scheme and no identity uses a bearer token")


def _is_bearer(scheme: dict[str, object]) -> bool:
    return scheme.get("type") in _KINDS or str(scheme.get("scheme", "")).lower() == "bearer"


PROBE = Probe(id="bearer", ask=ask)
