"""Provider states of chapter extraction, made through its service."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from reference_impl.chapters.models import (
    ChapterFilter,
    ChapterOrder,
    Direction,
    Document,
    Format,
)
from reference_impl.chapters.ports import DocumentStore
from reference_impl.chapters.service import ChapterService
from reference_impl.kit.access import Authenticator, Principal
from reference_impl.kit.paging import MAX_PAGE_SIZE
from reference_impl.kit.problem import Unprocessable
from reference_impl.kit.states import principal_of

Values = Mapping[str, object]
_MOST_CHAPTERS = 500
_TITLE = "A field guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterStates:
    """Handlers by the name of the state."""

    service: ChapterService
    store: DocumentStore
    authenticator: Authenticator

    def handlers(self) -> Mapping[str, Callable[[Values], Awaitable[Values]]]:
        return {
            "an uploaded document": self.uploaded_document,
            "an extracted document": self.extracted_document,
        }

    async def uploaded_document(self, params: Values) -> Values:
        owner = await principal_of(params, self.authenticator)
        return {"document_id": (await self._upload(owner, params)).id}

    async def extracted_document(self, params: Values) -> Values:
        """A Markdown document with `chapters` chapters (3 unless told) and the ids of the first hundred."""
        owner = await principal_of(params, self.authenticator)
        document = await self._upload(owner, params)
        await self.service.extract(owner, document.id, max_level=6)
        chapters = self.store.chapter_list(document.id, ChapterFilter(), ChapterOrder.POSITION, Direction.ASC)
        first = await chapters.fetch(after=None, before=None, limit=MAX_PAGE_SIZE, from_end=False)
        chapter_ids = [chapter.id for chapter in first]
        return {"document_id": document.id, "chapter_id": chapter_ids[0], "chapter_ids": chapter_ids}

    async def _upload(self, owner: Principal, params: Values) -> Document:
        title = params.get("title", _TITLE)
        count = params.get("chapters", 3)
        if not isinstance(title, str) or not isinstance(count, int) or not 1 <= count <= _MOST_CHAPTERS:
            raise Unprocessable(f"title must be text, and chapters a number from 1 to {_MOST_CHAPTERS}.")
        content = "".join(f"# Chapter {n}\n\nText of chapter {n}.\n\n" for n in range(1, count + 1))
        return await self.service.upload(owner, title=title, content=content, form=Format.MARKDOWN)
