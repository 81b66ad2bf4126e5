"""Every user of a tenant reads and deletes the objects of all others by their keys."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.models import Entry, Reach
from reference_impl.storage.policies import Ownership


class _TenantOnly:
    """Asks for the tenant and forgets the owner."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reach(self, principal: Principal) -> Reach:
        return replace(self._right.reach(principal), owner=None)

    def permits(self, principal: Principal, entry: Entry) -> bool:
        self._probe.reached()
        if not self._right.permits(principal, entry):
            self._probe.triggered()
        return True


class _AsksFirst:
    """Compares the owner itself before it asks."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reach(self, principal: Principal) -> Reach:
        return self._right.reach(principal)

    def permits(self, principal: Principal, entry: Entry) -> bool:
        self._probe.reached()
        return entry.owner == principal.subject and self._right.permits(principal, entry)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.ownership", _TenantOnly(policies["storage.ownership"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("storage.ownership", _AsksFirst(policies["storage.ownership"], probe))


DEFECT = Defect(
    id="stored-objects-open-to-tenant",
    family="owasp-api",
    title="Every user of a tenant reads and deletes the objects of all others.",
    breaks=("security.object-ownership",),
    apply=_apply,
    twin=_twin,
)
