"""A field that the schema calls Int is text."""

from collections.abc import Mapping, Sequence
from typing import Any

from reference_impl.chapters.executor import AnswerShape
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_FIELDS = frozenset({"size", "words"})


class _Quoted:
    """Sends sizes and counts of words in quotation marks."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        return self._right(self._quoted(data), errors)

    def _quoted(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._quoted(each) for each in value]
        if isinstance(value, dict):
            return {key: self._quoted(member, key) for key, member in value.items()}
        if name not in _FIELDS or not isinstance(value, int):
            return value
        self._probe.triggered()
        return str(value)


class _Copied:
    """The twin: sends a copy of the data."""

    def __init__(self, right: AnswerShape, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        self._probe.reached()
        return self._right(dict(data) if isinstance(data, dict) else data, errors)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _Quoted(policies["chapters.answer"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.answer", _Copied(policies["chapters.answer"], probe))


DEFECT = Defect(
    id="graphql-number-as-text",
    family="graphql-http",
    title="A field that the schema calls Int is text.",
    breaks=("graphql.responses-match-schema",),
    apply=_apply,
    twin=_twin,
)
