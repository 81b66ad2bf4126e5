"""GraphQL errors carry no code."""

from collections.abc import Callable

from graphql import GraphQLError

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_CodeOf = Callable[[GraphQLError], str]


class _Speechless:
    """Leaves the code empty."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, _error: GraphQLError) -> str:
        self._probe.reached()
        self._probe.triggered()
        return ""


class _OtherWords:
    """The twin: the same codes under a prefix of its own."""

    def __init__(self, right: _CodeOf, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, error: GraphQLError) -> str:
        self._probe.reached()
        return f"CORE_{self._right(error)}"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.error_code", _Speechless(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.error_code", _OtherWords(policies["chapters.error_code"], probe))


DEFECT = Defect(
    id="graphql-error-without-code",
    family="graphql-http",
    title="GraphQL errors carry no code.",
    breaks=("errors.graphql-errors-coded",),
    apply=_apply,
    twin=_twin,
)
