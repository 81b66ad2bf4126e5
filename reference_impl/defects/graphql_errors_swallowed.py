"""A GraphQL answer holds null where something went wrong, and no errors."""

from collections.abc import Mapping, Sequence

from reference_impl.chapters.executor import AnswerShape
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _DataOnly:
    """Hides in a success what went wrong."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        if errors:
            self._probe.triggered()
        return self._right(data, ())


class _WithExtensions:
    """The twin: the specification allows a map of extensions beside data and errors."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        return {**self._right(data, errors), "extensions": {"service": "chapters"}}


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _DataOnly(policies["chapters.answer"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _WithExtensions(policies["chapters.answer"], probe))


DEFECT = Defect(
    id="graphql-errors-swallowed",
    family="graphql-http",
    title="A GraphQL answer holds null where something went wrong, and no errors.",
    breaks=("errors.graphql-errors-coded",),
    apply=_apply,
    twin=_twin,
)
