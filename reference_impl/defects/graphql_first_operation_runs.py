"""Of several operations the first one is run, whichever was named."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Operation = Callable[[str | None], str | None]


class _WhicheverIsFirst:
    """Takes no notice of the name."""

    def __init__(self, right: _Operation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, operation_name: str | None) -> str | None:
        self._probe.reached()
        if self._right(operation_name) is not None:
            self._probe.triggered()
        return None


class _Trimmed:
    """The twin: blanks around a name are not part of it."""

    def __init__(self, right: _Operation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, operation_name: str | None) -> str | None:
        self._probe.reached()
        named = self._right(operation_name)
        return None if named is None else named.strip()


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.operation", _WhicheverIsFirst(policies["chapters.operation"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.operation", _Trimmed(policies["chapters.operation"], probe))


DEFECT = Defect(
    id="graphql-first-operation-runs",
    family="graphql-http",
    title="Of several operations the first one is run, whichever was named.",
    breaks=("graphql.named-operation-runs",),
    apply=_apply,
    twin=_twin,
)
