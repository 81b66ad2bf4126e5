"""Documents and chapters in SQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from reference_impl.chapters.keyset import SqlKeyset
from reference_impl.chapters.models import (
    Chapter,
    ChapterFilter,
    ChapterOrder,
    Direction,
    Document,
    Format,
    Reach,
)
from reference_impl.chapters.tables import chapters, documents
from reference_impl.kit.database import Database

_WITHOUT_CONTENT = [column for column in documents.c if column.name != "content"]


class SqlDocumentStore:
    """The store behind the service and the data loaders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, document: Document, content: str) -> Document:
        """Write a document and return it with its place in the order of arrival."""
        row = {
            "id": document.id,
            "owner": document.owner,
            "tenant": document.tenant,
            "title": document.title,
            "format": document.format.value,
            "size": document.size,
            "digest": document.digest,
            "content": content,
            "created_at": document.created_at,
            "extracted_at": None,
        }
        insert = sa.insert(documents).values(row).returning(*_WITHOUT_CONTENT)
        async with self._database.begin() as connection:
            return _document((await connection.execute(insert)).one())

    async def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        query = sa.select(*_WITHOUT_CONTENT).where(documents.c.id.in_(ids))
        return {row.id: _document(row) for row in await self._all(query)}

    async def chapters(self, ids: Collection[str]) -> Mapping[str, tuple[Chapter, Document]]:
        """Chapters with the documents they belong to, in one query."""
        owners = [column.label(f"of_{column.name}") for column in _WITHOUT_CONTENT]
        query = (
            sa.select(chapters, *owners)
            .join(documents, documents.c.id == chapters.c.document_id)
            .where(chapters.c.id.in_(ids))
        )
        return {row.id: (_chapter(row), _owning(row)) for row in await self._all(query)}

    async def contents(self, ids: Collection[str]) -> Mapping[str, str]:
        query = sa.select(documents.c.id, documents.c.content).where(documents.c.id.in_(ids))
        return {row.id: row.content for row in await self._all(query)}

    async def chapter_counts(self, ids: Collection[str]) -> Mapping[str, int]:
        query = (
            sa.select(chapters.c.document_id, sa.func.count().label("chapters"))
            .where(chapters.c.document_id.in_(ids))
            .group_by(chapters.c.document_id)
        )
        return {row.document_id: row.chapters for row in await self._all(query)}

    def document_list(self, reach: Reach) -> SqlKeyset[Document]:
        """The documents in reach, the newest first."""
        return SqlKeyset(
            database=self._database,
            rows=sa.select(*_WITHOUT_CONTENT).where(_within(reach)),
            key=(documents.c.sequence,),
            descending=True,
            build=_document,
            key_of=document_key,
        )

    async def count_documents(self, reach: Reach) -> int:
        return await self._count(sa.select(sa.func.count()).select_from(documents).where(_within(reach)))

    def chapter_list(
        self, document_id: str, selection: ChapterFilter, order: ChapterOrder, direction: Direction
    ) -> SqlKeyset[Chapter]:
        """A document's chapters that the selection shows, in the order asked for."""
        return SqlKeyset(
            database=self._database,
            rows=sa.select(chapters).where(*_selected(document_id, selection)),
            key=(_ORDER_COLUMNS[order], chapters.c.id),
            descending=direction is Direction.DESC,
            build=_chapter,
            key_of=lambda chapter: chapter_key(chapter, order),
        )

    async def count_chapters(self, document_id: str, selection: ChapterFilter) -> int:
        return await self._count(
            sa.select(sa.func.count()).select_from(chapters).where(*_selected(document_id, selection))
        )

    async def replace_chapters(self, document_id: str, found: Sequence[Chapter], *, at: float) -> bool:
        """Put these chapters in the place of all former ones; False when the document is gone."""
        async with self._database.begin() as connection:
            marked = await connection.execute(
                sa.update(documents).where(documents.c.id == document_id).values(extracted_at=at)
            )
            if marked.rowcount == 0:
                return False
            await connection.execute(sa.delete(chapters).where(chapters.c.document_id == document_id))
            await connection.execute(sa.insert(chapters), [_row(chapter) for chapter in found])
        return True

    async def delete(self, document_id: str) -> bool:
        """Delete a document with its chapters."""
        async with self._database.begin() as connection:
            await connection.execute(sa.delete(chapters).where(chapters.c.document_id == document_id))
            gone = await connection.execute(sa.delete(documents).where(documents.c.id == document_id))
        return gone.rowcount == 1

    async def _all(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        async with self._database.connect() as connection:
            rows: Sequence[sa.Row[Any]] = (await connection.execute(query)).all()
        return rows

    async def _count(self, query: sa.Select[int]) -> int:
        async with self._database.connect() as connection:
            return (await connection.execute(query)).scalar_one()


_SORTED_TITLE = 40  # a cursor carries the key, and cursors are short
_ORDER_COLUMNS: Mapping[ChapterOrder, sa.ColumnElement[Any]] = {
    ChapterOrder.POSITION: chapters.c.position,
    ChapterOrder.TITLE: sa.func.substr(chapters.c.title, 1, _SORTED_TITLE),
    ChapterOrder.WORDS: chapters.c.words,
}


def document_key(document: Document) -> tuple[int]:
    return (document.sequence,)


def chapter_key(chapter: Chapter, order: ChapterOrder) -> tuple[str | int, str]:
    match order:
        case ChapterOrder.POSITION:
            return chapter.position, chapter.id
        case ChapterOrder.TITLE:
            return chapter.title[:_SORTED_TITLE], chapter.id
        case ChapterOrder.WORDS:
            return chapter.words, chapter.id


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    if reach.owner is None:
        return documents.c.tenant == reach.tenant
    return sa.and_(documents.c.tenant == reach.tenant, documents.c.owner == reach.owner)


def _selected(document_id: str, selection: ChapterFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [chapters.c.document_id == document_id]
    if selection.title_contains is not None:
        conditions.append(chapters.c.title.icontains(selection.title_contains, autoescape=True))
    if selection.max_level is not None:
        conditions.append(chapters.c.level <= selection.max_level)
    if selection.min_words is not None:
        conditions.append(chapters.c.words >= selection.min_words)
    return conditions


def _document(row: sa.Row[Any]) -> Document:
    return Document(
        id=row.id,
        sequence=row.sequence,
        owner=row.owner,
        tenant=row.tenant,
        title=row.title,
        format=Format(row.format),
        size=row.size,
        digest=row.digest,
        created_at=row.created_at,
        extracted_at=row.extracted_at,
    )


def _owning(row: sa.Row[Any]) -> Document:
    return Document(
        id=row.of_id,
        sequence=row.of_sequence,
        owner=row.of_owner,
        tenant=row.of_tenant,
        title=row.of_title,
        format=Format(row.of_format),
        size=row.of_size,
        digest=row.of_digest,
        created_at=row.of_created_at,
        extracted_at=row.of_extracted_at,
    )


def _chapter(row: sa.Row[Any]) -> Chapter:
    return Chapter(
        id=row.id,
        document_id=row.document_id,
        parent_id=row.parent_id,
        position=row.position,
        level=row.level,
        number=row.number,
        title=row.title,
        heading=row.heading,
        body=row.body,
        words=row.words,
    )


def _row(chapter: Chapter) -> dict[str, object]:
    return {
        "id": chapter.id,
        "document_id": chapter.document_id,
        "parent_id": chapter.parent_id,
        "position": chapter.position,
        "level": chapter.level,
        "number": chapter.number,
        "title": chapter.title,
        "heading": chapter.heading,
        "body": chapter.body,
        "words": chapter.words,
    }
