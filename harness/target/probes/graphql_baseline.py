"""GraphQL baseline: the schema that clients were last promised, named by the target file."""

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability


def ask(asking: Asking) -> Capability:
    """Look into the target file; nothing is sent."""
    if not asking.instance.target.graphql_baseline:
        said = "the target file names no [compatibility] graphql_baseline"
        return capability("graphql-baseline", CapabilityState.ABSENT, said)
    return capability("graphql-baseline", CapabilityState.PRESENT, "the target file names a baseline")


PROBE = Probe(id="graphql-baseline", ask=ask)
