"""What chapter extraction needs from its store."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from reference_impl.chapters.models import (
    Chapter,
    ChapterFilter,
    ChapterOrder,
    Direction,
    Document,
    Reach,
)
from reference_impl.chapters.paging import KeysetSource


class DocumentStore(Protocol):
    """Documents and their chapters; a look-up by id returns the owner, too, so that it can be checked."""

    async def add(self, document: Document, content: str) -> Document: ...

    async def documents(self, ids: Collection[str]) -> Mapping[str, Document]: ...

    async def chapters(self, ids: Collection[str]) -> Mapping[str, tuple[Chapter, Document]]: ...

    async def contents(self, ids: Collection[str]) -> Mapping[str, str]: ...

    async def chapter_counts(self, ids: Collection[str]) -> Mapping[str, int]: ...

    def document_list(self, reach: Reach) -> KeysetSource[Document]: ...

    async def count_documents(self, reach: Reach) -> int: ...

    def chapter_list(
        self, document_id: str, selection: ChapterFilter, order: ChapterOrder, direction: Direction
    ) -> KeysetSource[Chapter]: ...

    async def count_chapters(self, document_id: str, selection: ChapterFilter) -> int: ...

    async def replace_chapters(self, document_id: str, chapters: Sequence[Chapter], *, at: float) -> bool: ...

    async def delete(self, document_id: str) -> bool: ...
