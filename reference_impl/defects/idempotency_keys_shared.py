"""An idempotency key answers everybody with what its first sender got."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.idempotency import KeyOwner
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: KeyOwner = policies["gateway.idempotency_owner"]
    seen: set[str] = set()

    def nobody(scope: Scope) -> str:
        seen.add(right(scope))
        probe.reached()
        if len(seen) > 1:
            probe.triggered()
        return "everybody"

    policies.replace("gateway.idempotency_owner", nobody)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A shorter name of the owner is as much its own."""
    right: KeyOwner = policies["gateway.idempotency_owner"]

    def shortened(scope: Scope) -> str:
        probe.reached()
        return right(scope)[:40]

    policies.replace("gateway.idempotency_owner", shortened)


DEFECT = Defect(
    id="idempotency-keys-shared",
    family="webhook",
    title="An idempotency key answers everybody with what its first sender got.",
    breaks=("api.idempotency-key-private",),
    apply=_apply,
    twin=_twin,
)
