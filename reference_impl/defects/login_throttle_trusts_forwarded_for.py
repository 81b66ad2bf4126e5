"""Whoever claims another address in X-Forwarded-For is counted as somebody else."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import header
from reference_impl.gateway.limits import AddressPolicy
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: AddressPolicy = policies["gateway.client_address"]

    def as_claimed(scope: Scope, trusted: Sequence[str]) -> str:
        address = right(scope, trusted)
        claimed = (header(scope, b"x-forwarded-for") or "").partition(",")[0].strip()
        if not claimed or claimed == address:
            return address
        probe.reached()
        probe.triggered()
        return claimed

    policies.replace("gateway.client_address", as_claimed)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """An address counts as the same however it is written."""
    right: AddressPolicy = policies["gateway.client_address"]

    def canonical(scope: Scope, trusted: Sequence[str]) -> str:
        probe.reached()
        return right(scope, trusted).casefold().removeprefix("::ffff:")

    policies.replace("gateway.client_address", canonical)


DEFECT = Defect(
    id="login-throttle-trusts-forwarded-for",
    family="owasp-api",
    title="Whoever claims another address in X-Forwarded-For is counted as somebody else.",
    breaks=("auth.login-throttled", "security.rate-limit-follows-caller"),
    apply=_apply,
    twin=_twin,
)
