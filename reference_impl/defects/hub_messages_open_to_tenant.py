"""Every user of a tenant reads and cancels the messages of all others."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Reach
from reference_impl.hub.policies import Ownership
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe


class _TenantOnly:
    """Asks for the tenant and forgets the owner."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reach(self, principal: Principal) -> Reach:
        return replace(self._right.reach(principal), owner=None)

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool:
        self._probe.reached()
        if tenant != principal.tenant:
            return False
        if not self._right.permits(principal, owner=owner, tenant=tenant):
            self._probe.triggered()
        return True


class _AsksTwice:
    """The right answer, asked for once more."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reach(self, principal: Principal) -> Reach:
        return self._right.reach(principal)

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool:
        self._probe.reached()
        own = (owner, tenant) == (principal.subject, principal.tenant)
        return own or self._right.permits(principal, owner=owner, tenant=tenant)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.ownership", _TenantOnly(policies["hub.ownership"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.ownership", _AsksTwice(policies["hub.ownership"], probe))


DEFECT = Defect(
    id="hub-messages-open-to-tenant",
    family="owasp-api",
    title="Every user of a tenant reads and cancels the messages of all others.",
    breaks=("security.object-ownership",),
    apply=_apply,
    twin=_twin,
)
