"""Whoever knows an object's id gets the object, through node(id) as through every other path."""

from reference_impl.chapters.models import Reach
from reference_impl.chapters.policies import Ownership
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe


class _Everybodys:
    """Lists stay right; a look-up by id asks nobody whose the object is."""

    def __init__(self, right: Ownership, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def reach(self, principal: Principal) -> Reach:
        return self._right.reach(principal)

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool:
        self._probe.reached()
        if not self._right.permits(principal, owner=owner, tenant=tenant):
            self._probe.triggered()
        return True


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.ownership", _Everybodys(policies["chapters.ownership"], probe))


DEFECT = Defect(
    id="node-ownership-ignored",
    family="owasp-api",
    title="An object is given to whoever knows its id.",
    breaks=("graphql.node-ownership",),
    apply=_apply,
)
