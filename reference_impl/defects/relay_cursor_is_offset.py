"""A cursor is a number of rows from the start, so that what is inserted shifts every page."""

from dataclasses import replace
from typing import Any

from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.paging import Key, Paging
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_ALL = 100_000


class _ByOffset:
    """Remembers at which place each row stood when its cursor was given out."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._places: dict[Key, int] = {}

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        rows = list(await source.fetch(after=None, before=None, limit=_ALL, from_end=False))
        span: Span[Any] = await self._right(source, window)
        place = self._places.get(window.after) if window.after is not None else None
        if place is not None and not window.from_end:
            counted = tuple(rows[place + 1 : place + 1 + window.limit])
            if counted != span.items:
                self._probe.triggered()
            span = replace(span, items=counted, has_next=place + 1 + len(counted) < len(rows))
        for at, row in enumerate(rows):
            if row in span.items:
                self._places[source.key_of(row)] = at
        return span


class _CountsToo:
    """The twin: counts the rows before it cuts the page, and does nothing with the number."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        await source.fetch(after=None, before=None, limit=_ALL, from_end=False)
        span: Span[Any] = await self._right(source, window)
        return span


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.paging", _ByOffset(policies["chapters.paging"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.paging", _CountsToo(policies["chapters.paging"], probe))


DEFECT = Defect(
    id="relay-cursor-is-offset",
    family="relay",
    title="A cursor is a number of rows from the start, so that what is inserted shifts every page.",
    breaks=("graphql.cursors-stable",),
    apply=_apply,
    twin=_twin,
)
