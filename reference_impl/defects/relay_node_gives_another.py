"""node gives the first chapter of the document for the id of any of its chapters."""

from collections.abc import Collection, Mapping
from typing import Any

from reference_impl.chapters.models import Chapter, ChapterFilter, ChapterOrder, Direction, Document
from reference_impl.chapters.ports import DocumentStore
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Found = Mapping[str, tuple[Chapter, Document]]


class _TheFirst:
    """Takes a chapter's id for its document's."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def chapters(self, ids: Collection[str]) -> _Found:
        self._probe.reached()
        found = await self._right.chapters(ids)
        given = {key: (await self._first(document), document) for key, (_, document) in found.items()}
        for key, (chapter, _) in given.items():
            if chapter.id != key:
                self._probe.triggered()
        return given

    async def _first(self, document: Document) -> Chapter:
        source = self._right.chapter_list(document.id, ChapterFilter(), ChapterOrder.POSITION, Direction.ASC)
        return (await source.fetch(after=None, before=None, limit=1, from_end=False))[0]


class _AnyOrder:
    """The twin: finds the same chapters in another order; who asks looks them up by id."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def chapters(self, ids: Collection[str]) -> _Found:
        self._probe.reached()
        return dict(sorted((await self._right.chapters(ids)).items(), reverse=True))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _TheFirst(policies["chapters.documents"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _AnyOrder(policies["chapters.documents"], probe))


DEFECT = Defect(
    id="relay-node-gives-another",
    family="relay",
    title="node gives the first chapter of the document for the id of any of its chapters.",
    breaks=("graphql.node-refetches",),
    apply=_apply,
    twin=_twin,
)
