"""What belongs to the rows of a page is read row by row."""

from collections.abc import Collection, Mapping
from typing import Any

from reference_impl.chapters.ports import DocumentStore
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _RowByRow:
    """Sends a statement for every id; wrong when there is more than one."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def chapter_counts(self, ids: Collection[str]) -> Mapping[str, int]:
        self._probe.reached()
        if len(ids) > 1:
            self._probe.triggered()
        found: dict[str, int] = {}
        for each in ids:
            found |= await self._right.chapter_counts([each])
        return found


class _Twice:
    """The twin: one statement more, however long the page is."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def chapter_counts(self, ids: Collection[str]) -> Mapping[str, int]:
        self._probe.reached()
        await self._right.documents(ids)
        return await self._right.chapter_counts(ids)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _RowByRow(policies["chapters.documents"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _Twice(policies["chapters.documents"], probe))


DEFECT = Defect(
    id="graphql-n-plus-one",
    family="load",
    title="What belongs to the rows of a page is read row by row.",
    breaks=("graphql.statements-bounded",),
    apply=_apply,
    twin=_twin,
)
