"""The error format: whether an error is RFC 9457 problem details."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said


def ask(asking: Asking) -> Capability:
    """Ask for a path that cannot exist and look at the media type of the answer."""
    answer = asking.get("problem-details", "/harness-probe-of-a-path-that-is-not-there")
    if isinstance(answer, str) or answer.status_code >= 500:
        return capability("problem-details", CapabilityState.BROKEN, said(answer))
    media_type = answer.headers.get("content-type", "no media type").split(";")[0]
    state = CapabilityState.PRESENT if media_type == "application/problem+json" else CapabilityState.ABSENT
    return capability("problem-details", state, f"{said(answer)} as {media_type}")


PROBE = Probe(id="problem-details", ask=ask)
