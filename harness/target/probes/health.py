"""Health: a path that says whether the target lives."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said

#: Where health is usually served; the first that answers 200 counts.
PATHS = ("/health/live", "/health", "/healthz", "/livez", "/actuator/health", "/-/healthy", "/status")


def ask(asking: Asking) -> Capability:
    """Ask each usual path."""
    broken = ""
    nowhere = asking.get("health", "/harness-probe-of-a-path-that-is-not-there")
    if not isinstance(nowhere, str) and nowhere.status_code == 200:
        said_so = f"{said(nowhere)}, so that an answer of a health path shows nothing"
        return capability("health", CapabilityState.ABSENT, said_so)
    for path in PATHS:
        answer = asking.get("health", path)
        if not isinstance(answer, str) and answer.status_code == 200:
            return capability("health", CapabilityState.PRESENT, said(answer), (path,))
        if isinstance(answer, str) or answer.status_code >= 500:
            broken = broken or said(answer)
    if broken:
        return capability("health", CapabilityState.BROKEN, broken)
    return capability("health", CapabilityState.ABSENT, f"none of {', '.join(PATHS)} answers 200")


PROBE = Probe(id="health", ask=ask, requirement="monitoring.health-served")
