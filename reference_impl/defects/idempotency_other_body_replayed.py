"""A key that comes with another body is answered as if it were the first one."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.idempotency import SameRequest
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: SameRequest = policies["gateway.idempotent_same_request"]

    def key_is_enough(stored: str, fingerprint: str) -> bool:
        probe.reached()
        if not right(stored, fingerprint):
            probe.triggered()
        return True

    policies.replace("gateway.idempotent_same_request", key_is_enough)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Fingerprints are hexadecimal: their letter case means nothing."""
    right: SameRequest = policies["gateway.idempotent_same_request"]

    def in_any_case(stored: str, fingerprint: str) -> bool:
        probe.reached()
        return right(stored.casefold(), fingerprint.casefold())

    policies.replace("gateway.idempotent_same_request", in_any_case)


DEFECT = Defect(
    id="idempotency-other-body-replayed",
    family="webhook",
    title="A key that comes with another body is answered as if it were the first one.",
    breaks=("api.idempotency-key-honoured", "api.idempotency-keys-replayed"),
    apply=_apply,
    twin=_twin,
)
