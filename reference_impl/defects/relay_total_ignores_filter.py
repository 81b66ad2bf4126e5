"""totalCount counts the rows that the filter leaves out, too."""

from typing import Any

from reference_impl.chapters.models import ChapterFilter
from reference_impl.chapters.ports import DocumentStore
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _CountsAll:
    """Forgets the filter; wrong where it leaves something out."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def count_chapters(self, document_id: str, selection: ChapterFilter) -> int:
        self._probe.reached()
        everything = await self._right.count_chapters(document_id, ChapterFilter())
        if everything != await self._right.count_chapters(document_id, selection):
            self._probe.triggered()
        return everything


class _CountsTwice:
    """The twin: counts everything as well, and says what the filter lets through."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def count_chapters(self, document_id: str, selection: ChapterFilter) -> int:
        self._probe.reached()
        everything = await self._right.count_chapters(document_id, ChapterFilter())
        return min(everything, await self._right.count_chapters(document_id, selection))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _CountsAll(policies["chapters.documents"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _CountsTwice(policies["chapters.documents"], probe))


DEFECT = Defect(
    id="relay-total-ignores-filter",
    family="relay",
    title="totalCount counts the rows that the filter leaves out, too.",
    breaks=("graphql.total-count-true",),
    apply=_apply,
    twin=_twin,
)
