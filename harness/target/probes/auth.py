"""Authentication: schemes that the document declares, and identities that are signed in."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability


def ask(asking: Asking) -> Capability:
    """Look at what is declared and at who could sign in; nothing is sent."""
    document = asking.instance.openapi_document or {}
    schemes = sorted((document.get("components") or {}).get("securitySchemes") or {})
    secured = sum(operation.is_secured for operation in asking.instance.operations)
    sessions = sorted(asking.instance.sessions)
    detail = f"{len(schemes)} schemes declared, {secured} secured operations, {len(sessions)} identities"
    if schemes or secured or sessions:
        return capability("auth", CapabilityState.PRESENT, detail, tuple(sessions))
    return capability("auth", CapabilityState.ABSENT, detail)


PROBE = Probe(id="auth", ask=ask)
