"""An origin whose name only begins or ends like ours may read the answers."""

from collections.abc import Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.cors import OriginPolicy
from reference_impl.kit.policies import PolicyTable, Probe

_OURS = ("127.0.0.1", "localhost", "core.example")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: OriginPolicy = policies["gateway.cors_origin"]

    def contains(origin: str, configured: Sequence[str]) -> bool:
        if right(origin, configured):
            return True
        probe.reached()
        looks_alike = any(name in origin for name in _OURS)
        if looks_alike:
            probe.triggered()
        return looks_alike

    policies.replace("gateway.cors_origin", contains)
    policies.replace("gateway.cors_credentials", lambda _origin: True)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Scheme and host are compared without regard to letter case, as a browser writes them."""
    right: OriginPolicy = policies["gateway.cors_origin"]

    def in_any_case(origin: str, configured: Sequence[str]) -> bool:
        probe.reached()
        return right(origin.casefold(), [each.casefold() for each in configured])

    policies.replace("gateway.cors_origin", in_any_case)


DEFECT = Defect(
    id="cors-trusts-look-alikes",
    family="owasp-api",
    title="An origin whose name only looks like ours may read the answers.",
    breaks=("security.cors-closed",),
    apply=_apply,
    twin=_twin,
)
