"""Any page may read the answers: the Origin that asks is given back."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.cors import OriginPolicy
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: OriginPolicy = policies["gateway.cors_origin"]

    def anybody(origin: str, configured: Sequence[str]) -> bool:
        probe.reached()
        if not right(origin, configured):
            probe.triggered()
        return True

    policies.replace("gateway.cors_origin", anybody)
    policies.replace("gateway.cors_credentials", lambda _origin: True)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """One origin more is named, letter by letter."""
    right: OriginPolicy = policies["gateway.cors_origin"]

    def one_more(origin: str, configured: Sequence[str]) -> bool:
        probe.reached()
        return right(origin, [*configured, "https://console.core.example"])

    policies.replace("gateway.cors_origin", one_more)


DEFECT = Defect(
    id="cors-reflects-origin",
    family="owasp-api",
    title="Any page may read the answers: the Origin that asks is given back.",
    breaks=("security.cors-closed",),
    apply=_apply,
    twin=_twin,
)
