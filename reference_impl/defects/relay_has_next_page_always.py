"""The last page of a connection says that there is another one."""

from typing import Any

from reference_impl.chapters.models import Span
from reference_impl.chapters.paging import PageInfoPolicy
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AlwaysMore:
    """Wrong only where there is nothing more."""

    def __init__(self, right: PageInfoPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def has_previous(self, span: Span[Any]) -> bool:
        return self._right.has_previous(span)

    def has_next(self, span: Span[Any]) -> bool:
        self._probe.reached()
        if not self._right.has_next(span):
            self._probe.triggered()
        return True


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.page_info", _AlwaysMore(policies["chapters.page_info"], probe))


DEFECT = Defect(
    id="relay-has-next-page-always",
    family="relay",
    title="hasNextPage is true on the last page.",
    breaks=("graphql.page-info-true",),
    apply=_apply,
)
