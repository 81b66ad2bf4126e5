"""Chapter extraction for its callers: upload, extract, look, delete; every node is checked for its owner."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from reference_impl.chapters.errors import DocumentInvalid, InvalidPage, NoSuchDocument
from reference_impl.chapters.extraction.extract import find_sections, place
from reference_impl.chapters.models import (
    Chapter,
    ChapterFilter,
    ChapterOrder,
    Direction,
    Document,
    Format,
    Span,
    Window,
)
from reference_impl.chapters.paging import Cursors, KeysetSource, PageInfoPolicy
from reference_impl.chapters.policies import ChapterPolicies
from reference_impl.chapters.ports import DocumentStore
from reference_impl.chapters.text import is_storable
from reference_impl.kit.access import Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id

T = TypeVar("T")
LONGEST_TITLE = 300
LARGEST_CONTENT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A page as Relay asks for it."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """One page of a list with its cursors and the size of the whole list."""

    span: Span[T]
    cursors: Sequence[str]
    total: int


class ChapterService:
    """What callers may do with their documents."""

    def __init__(self, *, store: DocumentStore, policies: ChapterPolicies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    async def upload(self, principal: Principal, *, title: str, content: str, form: Format) -> Document:
        """Keep a document."""
        title = title.strip()
        if not title or len(title) > LONGEST_TITLE:
            raise DocumentInvalid("title", f"The title must have 1 to {LONGEST_TITLE} characters.")
        if not content or len(content) > LARGEST_CONTENT:
            raise DocumentInvalid("content", f"The content must have 1 to {LARGEST_CONTENT} characters.")
        for name, value in (("title", title), ("content", content)):
            if not is_storable(value):
                raise DocumentInvalid(name, "The text must be Unicode without NUL.")
        raw = content.encode()
        document = Document(
            id=new_id("doc"),
            sequence=0,
            owner=principal.subject,
            tenant=principal.tenant,
            title=title,
            format=form,
            size=len(raw),
            digest=hashlib.sha256(raw).hexdigest(),
            created_at=self._now(),
        )
        return await self._store.add(document, content)

    async def extract(self, principal: Principal, document_id: str, *, max_level: int) -> Document:
        """Find the document's chapters and put them in the place of former ones."""
        document = await self._owned(principal, document_id)
        content = (await self._store.contents([document_id])).get(document_id)
        if content is None:
            raise NoSuchDocument
        sections = await asyncio.to_thread(
            find_sections, content, document.format, title=document.title, max_level=max_level
        )
        chapters = place(sections, document_id=document_id, new_id=lambda: new_id("chp"))
        if not await self._store.replace_chapters(document_id, chapters, at=self._now()):
            raise NoSuchDocument
        return await self._owned(principal, document_id)

    async def delete(self, principal: Principal, document_id: str) -> None:
        """Delete a document with its chapters."""
        await self._owned(principal, document_id)
        if not await self._store.delete(document_id):
            raise NoSuchDocument

    async def documents(self, principal: Principal, ids: Sequence[str]) -> Mapping[str, Document]:
        """The caller's documents among these ids; a foreign one is as absent as an unknown one."""
        found = await self._store.documents(_storable(ids))
        return {key: document for key, document in found.items() if self._permits(principal, document)}

    async def chapters(self, principal: Principal, ids: Sequence[str]) -> Mapping[str, Chapter]:
        """The caller's chapters among these ids."""
        found = await self._store.chapters(_storable(ids))
        return {
            key: chapter for key, (chapter, document) in found.items() if self._permits(principal, document)
        }

    async def contents(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The content of documents that the caller already holds."""
        return await self._store.contents(ids)

    async def chapter_counts(self, ids: Sequence[str]) -> Mapping[str, int]:
        return await self._store.chapter_counts(ids)

    async def list_documents(self, principal: Principal, page: PageRequest) -> Listed[Document]:
        """The caller's documents, the newest first."""
        reach = self._policies.ownership.reach(principal)
        source = self._store.document_list(reach)
        cursors: Cursors[Document] = Cursors(name="documents", types=(int,), key_of=source.key_of)
        span = await self._page(source, cursors, page)
        return Listed(
            span=span,
            cursors=[cursors.of(item) for item in span.items],
            total=await self._store.count_documents(reach),
        )

    async def list_chapters(
        self,
        principal: Principal,
        document_id: str,
        *,
        selection: ChapterFilter,
        order: ChapterOrder,
        direction: Direction,
        page: PageRequest,
    ) -> Listed[Chapter]:
        """The chapters of one document."""
        await self._owned(principal, document_id)
        if not is_storable(selection.title_contains or ""):
            raise InvalidPage("titleContains must be Unicode without NUL.")
        source = self._store.chapter_list(document_id, selection, order, direction)
        key_type = str if order is ChapterOrder.TITLE else int
        name = f"{order.value}.{direction.value}.{document_id}"
        cursors: Cursors[Chapter] = Cursors(name=name, types=(key_type, str), key_of=source.key_of)
        span = await self._page(source, cursors, page)
        return Listed(
            span=span,
            cursors=[cursors.of(item) for item in span.items],
            total=await self._store.count_chapters(document_id, selection),
        )

    @property
    def page_info(self) -> PageInfoPolicy:
        """What pages say of their neighbours."""
        return self._policies.page_info

    def may_mutate(self, principal: Principal) -> bool:
        return self._policies.mutation_permission(principal)

    async def _page(self, source: KeysetSource[T], cursors: Cursors[T], page: PageRequest) -> Span[T]:
        limit, from_end = self._policies.page_bounds(page.first, page.last)
        window = Window(
            after=cursors.read(page.after),
            before=cursors.read(page.before),
            limit=limit,
            from_end=from_end,
        )
        return await self._policies.paging(source, window)

    async def _owned(self, principal: Principal, document_id: str) -> Document:
        found = await self.documents(principal, [document_id])
        if document_id not in found:
            raise NoSuchDocument
        return found[document_id]

    def _permits(self, principal: Principal, document: Document) -> bool:
        return self._policies.ownership.permits(principal, owner=document.owner, tenant=document.tenant)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _storable(ids: Sequence[str]) -> list[str]:
    return [each for each in ids if is_storable(each)]
