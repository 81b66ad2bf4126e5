"""Health: a path that says whether the target lives."""

import re

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said

#: Where health is usually served; the first that answers 200 counts.
PATHS = ("/health/live", "/health", "/healthz", "/livez", "/actuator/health", "/-/healthy", "/status")

_CALLED = re.compile(r"(?i)/_*(health|healthz|healthcheck|livez|live|liveness|heartbeat|ping)_*/?$")
_MOST_DECLARED = 3


def ask(asking: Asking) -> Capability:
    """Ask each usual path."""
    broken = ""
    nowhere = asking.get("health", "/harness-probe-of-a-path-that-is-not-there")
    if not isinstance(nowhere, str) and nowhere.status_code == 200:
        said_so = f"{said(nowhere)}, so that an answer of a health path shows nothing"
        return capability("health", CapabilityState.ABSENT, said_so)
    for path in (*PATHS, *_declared(asking)):
        answer = asking.get("health", path)
        if not isinstance(answer, str) and answer.status_code == 200:
            return capability("health", CapabilityState.PRESENT, said(answer), (path,))
        if isinstance(answer, str) or answer.status_code >= 500:
            broken = broken or said(answer)
    if broken:
        return capability("health", CapabilityState.BROKEN, broken)
    return capability("health", CapabilityState.ABSENT, f"none of {', '.join(PATHS)} answers 200")


def _declared(asking: Asking) -> tuple[str, ...]:
    """Return the reads that the document declares and calls so, wherever its base path puts them."""
    operations = asking.instance.operations
    reads = [each.path for each in operations if each.method == "GET" and _CALLED.search(each.path)]
    return tuple(operations.prefix + path for path in reads[:_MOST_DECLARED])


PROBE = Probe(id="health", ask=ask, requirement="monitoring.health-served")
