"""A field that the schema calls non-null is null."""

from collections.abc import Mapping, Sequence
from typing import Any

from reference_impl.chapters.executor import AnswerShape
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_FIELD = "totalCount"


class _Nulled:
    """Sends null for every totalCount."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        return self._right(self._without(data), errors)

    def _without(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._without(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get(_FIELD) is not None:
            self._probe.triggered()
        return {name: None if name == _FIELD else self._without(member) for name, member in value.items()}


class _ErrorsLast:
    """The twin: the same members in another order."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        return dict(sorted(self._right(data, errors).items(), reverse=True))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _Nulled(policies["chapters.answer"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _ErrorsLast(policies["chapters.answer"], probe))


DEFECT = Defect(
    id="graphql-null-for-non-null",
    family="graphql-http",
    title="A field that the schema calls non-null is null.",
    breaks=("graphql.responses-match-schema",),
    apply=_apply,
    twin=_twin,
)
