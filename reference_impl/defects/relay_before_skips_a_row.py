"""The page before a cursor leaves out the row next to it."""

from typing import Any

from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.paging import Key, Paging
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _OffByOne:
    """A list that ends one row too early before a cursor."""

    def __init__(self, right: Any) -> None:
        self._right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def fetch(self, *, after: Key | None, before: Key | None, limit: int, from_end: bool) -> Any:
        if before is None or not from_end:
            return await self._right.fetch(after=after, before=before, limit=limit, from_end=from_end)
        return (await self._right.fetch(after=after, before=before, limit=limit + 1, from_end=True))[:-1]


class _ShortOfIt:
    """Wrong where there was a row to leave out."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        span: Span[Any] = await self._right(_OffByOne(source), window)
        if window.before is not None and window.from_end and span.has_next:
            self._probe.triggered()
        return span


class _LastOnes:
    """The twin: cuts the last rows out of one row more than it needs."""

    def __init__(self, right: Any) -> None:
        self._right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def fetch(self, *, after: Key | None, before: Key | None, limit: int, from_end: bool) -> Any:
        rows = await self._right.fetch(after=after, before=before, limit=limit + 1, from_end=from_end)
        return rows[-limit:] if from_end else rows[:limit]


class _OneMore:
    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        span: Span[Any] = await self._right(_LastOnes(source), window)
        return span


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.paging", _ShortOfIt(policies["chapters.paging"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.paging", _OneMore(policies["chapters.paging"], probe))


DEFECT = Defect(
    id="relay-before-skips-a-row",
    family="relay",
    title="The page before a cursor leaves out the row next to it.",
    breaks=("graphql.pages-follow-cursor",),
    apply=_apply,
    twin=_twin,
)
