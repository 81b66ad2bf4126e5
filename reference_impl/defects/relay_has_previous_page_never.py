"""hasPreviousPage is false although there are rows before the page."""

from typing import Any

from reference_impl.chapters.models import Span
from reference_impl.chapters.paging import PageInfoPolicy
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Never:
    """Knows no way back; wrong only where there is one."""

    def __init__(self, right: PageInfoPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def has_previous(self, span: Span[Any]) -> bool:
        self._probe.reached()
        if self._right.has_previous(span):
            self._probe.triggered()
        return False

    def has_next(self, span: Span[Any]) -> bool:
        return self._right.has_next(span)


class _NothingBeforeNothing:
    """The twin: an empty page says that nothing is before it, as the specification allows."""

    def __init__(self, right: PageInfoPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def has_previous(self, span: Span[Any]) -> bool:
        self._probe.reached()
        return bool(span.items) and self._right.has_previous(span)

    def has_next(self, span: Span[Any]) -> bool:
        return self._right.has_next(span)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.page_info", _Never(policies["chapters.page_info"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.page_info", _NothingBeforeNothing(policies["chapters.page_info"], probe))


DEFECT = Defect(
    id="relay-has-previous-page-never",
    family="relay",
    title="hasPreviousPage is false although there are rows before the page.",
    breaks=("graphql.page-info-true",),
    apply=_apply,
    twin=_twin,
)
