"""Rows that sort like the last one of a page are on no page."""

from dataclasses import replace
from typing import Any

from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.paging import Paging
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.pages import POLICY, looked_twice
from reference_impl.kit.policies import PolicyTable, Probe

_FIRST, _LAST = "", "\U0010ffff"


class _BySortFieldAlone:
    """Goes on behind everything that has the cursor's sort field, whatever its id."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        span: Span[Any] = await self._right(source, window)
        if window.after is None or len(window.after) == 1:
            return span
        end = _FIRST if source.descending else _LAST
        cut: Span[Any] = await self._right(source, replace(window, after=(window.after[0], end)))
        if cut.items != span.items:
            self._probe.triggered()
        return cut


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace(POLICY, _BySortFieldAlone(policies[POLICY], probe))


DEFECT = Defect(
    id="relay-ties-skipped",
    family="relay",
    title="Rows that sort like the last one of a page are on no page.",
    breaks=("graphql.order-total",),
    apply=_apply,
    twin=looked_twice,
)
