"""The page after a cursor begins with the cursor's own row."""

from typing import Any

from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.paging import Key, Paging
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.pages import POLICY, looked_twice
from reference_impl.kit.policies import PolicyTable, Probe

_ALL = 100_000


class _Inclusive:
    """A list that is cut at the cursor's row instead of behind it."""

    def __init__(self, right: Any) -> None:
        self._right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def fetch(self, *, after: Key | None, before: Key | None, limit: int, from_end: bool) -> Any:
        rows = await self._right.fetch(after=None, before=before, limit=_ALL, from_end=False)
        places = [place for place, row in enumerate(rows) if self._right.key_of(row) == after]
        if after is None or not places:
            return await self._right.fetch(after=after, before=before, limit=limit, from_end=from_end)
        left = rows[places[0] :]
        return left[-limit:] if from_end else left[:limit]


class _FromTheCursor:
    """Wrong where the page holds what the right one would not."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        span: Span[Any] = await self._right(_Inclusive(source), window)
        if window.after is not None and any(source.key_of(row) == window.after for row in span.items):
            self._probe.triggered()
        return span


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace(POLICY, _FromTheCursor(policies[POLICY], probe))


DEFECT = Defect(
    id="relay-after-includes-cursor",
    family="relay",
    title="The page after a cursor begins with the cursor's own row.",
    breaks=("graphql.pages-follow-cursor",),
    apply=_apply,
    twin=looked_twice,
)
