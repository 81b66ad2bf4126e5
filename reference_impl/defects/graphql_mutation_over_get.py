"""A mutation that is sent by GET is run."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MayMutate = Callable[[str], bool]


class _ByAnyMethod:
    """Takes GET for as good as POST."""

    def __init__(self, right: _MayMutate, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, method: str) -> bool:
        self._probe.reached()
        if not self._right(method):
            self._probe.triggered()
        return True


class _InCapitals:
    """The twin: spells the method in capitals before it decides."""

    def __init__(self, right: _MayMutate, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, method: str) -> bool:
        self._probe.reached()
        return self._right(method.upper())


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.may_mutate", _ByAnyMethod(policies["chapters.may_mutate"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.may_mutate", _InCapitals(policies["chapters.may_mutate"], probe))


DEFECT = Defect(
    id="graphql-mutation-over-get",
    family="graphql-http",
    title="A mutation that is sent by GET is run.",
    breaks=("graphql.mutations-refused-over-get",),
    apply=_apply,
    twin=_twin,
)
