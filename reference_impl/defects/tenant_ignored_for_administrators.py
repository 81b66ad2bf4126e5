"""An administrator reads and changes the users of every tenant."""

from reference_impl.auth.models import User
from reference_impl.auth.policies import Ownership
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe


class _Everywhere:
    """Is content with the permission."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def may_manage(self, principal: Principal, user: User) -> bool:
        if not self._right.may_manage(principal, user):
            self._probe.reached()
            self._probe.triggered()
        return True


class _ComparesFirst:
    """Compares tenants itself before it asks."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def may_manage(self, principal: Principal, user: User) -> bool:
        self._probe.reached()
        return user.tenant == principal.tenant and self._right.may_manage(principal, user)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.ownership", _Everywhere(policies["auth.ownership"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.ownership", _ComparesFirst(policies["auth.ownership"], probe))


DEFECT = Defect(
    id="tenant-ignored-for-administrators",
    family="owasp-api",
    title="An administrator reads and changes the users of every tenant.",
    breaks=("security.tenants-isolated",),
    apply=_apply,
    twin=_twin,
)
