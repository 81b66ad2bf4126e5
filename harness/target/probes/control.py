"""The control API (contracts/control.openapi.yaml); its calls go past the recorder."""

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said


def ask(asking: Asking) -> Capability:
    """Ask the target's own port, when the launcher has found the API there."""
    if not asking.instance.has_control:
        return capability("control", CapabilityState.ABSENT, "GET /_control gave no control API")
    try:
        answer = httpx.get(f"{asking.instance.direct_url}/_control", timeout=5.0, trust_env=False)
        document = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, ValueError) as problem:
        return capability("control", CapabilityState.ABSENT, f"GET /_control gave {type(problem).__name__}")
    if isinstance(document, dict) and document.get("contract") == "1":
        return capability("control", CapabilityState.PRESENT, said(answer), tuple(document.get("states", ())))
    return capability("control", CapabilityState.ABSENT, said(answer))


PROBE = Probe(id="control", ask=ask)
