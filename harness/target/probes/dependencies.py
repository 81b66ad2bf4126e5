"""Dependencies: what the service needs behind it, named by the target file; nobody outside can know of it."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability


def ask(asking: Asking) -> Capability:
    """Look into the target file; nothing is sent."""
    names = tuple(item.name for item in asking.instance.target.dependencies)
    if not names:
        return capability("dependencies", CapabilityState.ABSENT, "the target file names no dependency")
    return capability(
        "dependencies", CapabilityState.PRESENT, f"the target file names {', '.join(names)}", names
    )


PROBE = Probe(id="dependencies", ask=ask)
