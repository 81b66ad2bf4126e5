"""Whoever may query may run mutations, too."""

from reference_impl.chapters.policies import MutationPermission
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe


class _Everybody:
    """Asks for no permission of its own."""

    def __init__(self, right: MutationPermission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal) -> bool:
        self._probe.reached()
        if not self._right(principal):
            self._probe.triggered()
        return True


class _ReadToo:
    """The twin: who writes must be able to read, as every writer is."""

    def __init__(self, right: MutationPermission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal) -> bool:
        self._probe.reached()
        return self._right(principal) and principal.may("chapters:read")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right = policies["chapters.mutation_permission"]
    policies.replace("chapters.mutation_permission", _Everybody(right, probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    right = policies["chapters.mutation_permission"]
    policies.replace("chapters.mutation_permission", _ReadToo(right, probe))


DEFECT = Defect(
    id="graphql-mutation-without-permission",
    family="graphql-http",
    title="Whoever may query may run mutations, too.",
    breaks=("graphql.mutations-need-permission",),
    apply=_apply,
    twin=_twin,
)
