"""The object types: documents, chapters and their Relay connections."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import strawberry

from reference_impl.chapters import models
from reference_impl.chapters.graph.context import Context
from reference_impl.chapters.models import ChapterOrder, Direction, Format
from reference_impl.chapters.service import Listed

Info = strawberry.Info[Context, None]
T = TypeVar("T")
Edge = TypeVar("Edge")

strawberry.enum(Format, name="DocumentFormat", description="How a document's content is written.")
strawberry.enum(ChapterOrder, name="ChapterOrderField", description="What chapters can be sorted by.")
strawberry.enum(Direction, name="OrderDirection", description="Which way to sort.")


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description="The id by which `node` finds it again.")


@strawberry.type(description="An uploaded document.")
class Document(Node):
    title: str = strawberry.field(description="The title it was uploaded with.")
    format: Format = strawberry.field(description="How its content is written.")
    size: int = strawberry.field(description="The content's length in bytes of UTF-8.")
    digest: str = strawberry.field(description="SHA-256 of the content, in hexadecimal.")
    created_at: datetime = strawberry.field(description="When it was uploaded.")
    extracted_at: datetime | None = strawberry.field(description="When chapters were last extracted.")

    @strawberry.field(description="The whole content.")
    async def content(self, info: Info) -> str:
        return await info.context.contents.load(self.id) or ""

    @strawberry.field(description="How many chapters were found.")
    async def chapter_count(self, info: Info) -> int:
        return await info.context.chapter_counts.load(self.id) or 0

    @classmethod
    def of(cls, document: models.Document) -> "Document":
        extracted = document.extracted_at
        return cls(
            id=strawberry.ID(document.id),
            title=document.title,
            format=document.format,
            size=document.size,
            digest=document.digest,
            created_at=_instant(document.created_at),
            extracted_at=None if extracted is None else _instant(extracted),
        )


@strawberry.type(description="One chapter of a document.")
class Chapter(Node):
    document_id: strawberry.Private[str]
    parent_id: strawberry.Private[str | None]
    title: str = strawberry.field(description="What the heading says.")
    number: str | None = strawberry.field(description="The number in the heading, as it is written.")
    level: int = strawberry.field(description="1 is the top.")
    position: int = strawberry.field(description="The place in the document, from 0.")
    heading: str = strawberry.field(description="The heading's own source.")
    body: str = strawberry.field(description="The text up to the next heading.")
    words: int = strawberry.field(description="How many words the body has.")

    @strawberry.field(description="The document it belongs to.")
    async def document(self, info: Info) -> Document | None:
        found = await info.context.documents.load(self.document_id)
        return None if found is None else Document.of(found)

    @strawberry.field(description="The chapter it stands in.")
    async def parent(self, info: Info) -> "Chapter | None":
        if self.parent_id is None:
            return None
        found = await info.context.chapters.load(self.parent_id)
        return None if found is None else Chapter.of(found)

    @classmethod
    def of(cls, chapter: models.Chapter) -> "Chapter":
        return cls(
            id=strawberry.ID(chapter.id),
            document_id=chapter.document_id,
            parent_id=chapter.parent_id,
            title=chapter.title,
            number=chapter.number,
            level=chapter.level,
            position=chapter.position,
            heading=chapter.heading,
            body=chapter.body,
            words=chapter.words,
        )


@strawberry.type(description="What a page says of its neighbours.")
class PageInfo:
    listed: strawberry.Private[Listed[Any]]

    @strawberry.field
    def has_next_page(self, info: Info) -> bool:
        return info.context.service.page_info.has_next(self.listed.span)

    @strawberry.field
    def has_previous_page(self, info: Info) -> bool:
        return info.context.service.page_info.has_previous(self.listed.span)

    @strawberry.field
    def start_cursor(self) -> str | None:
        return self.listed.cursors[0] if self.listed.cursors else None

    @strawberry.field
    def end_cursor(self) -> str | None:
        return self.listed.cursors[-1] if self.listed.cursors else None


@strawberry.type
class DocumentEdge:
    cursor: str
    node: Document


@strawberry.type(description="A page of documents, the newest first.")
class DocumentConnection:
    edges: list[DocumentEdge]
    page_info: PageInfo
    total_count: int

    @classmethod
    def of(cls, listed: Listed[models.Document]) -> "DocumentConnection":
        return cls(
            edges=_edges(listed, lambda cursor, item: DocumentEdge(cursor=cursor, node=Document.of(item))),
            page_info=PageInfo(listed=listed),
            total_count=listed.total,
        )


@strawberry.type
class ChapterEdge:
    cursor: str
    node: Chapter


@strawberry.type(description="A page of a document's chapters.")
class ChapterConnection:
    edges: list[ChapterEdge]
    page_info: PageInfo
    total_count: int

    @classmethod
    def of(cls, listed: Listed[models.Chapter]) -> "ChapterConnection":
        return cls(
            edges=_edges(listed, lambda cursor, item: ChapterEdge(cursor=cursor, node=Chapter.of(item))),
            page_info=PageInfo(listed=listed),
            total_count=listed.total,
        )


@strawberry.input(description="Which chapters to show.")
class ChapterFilter:
    title_contains: str | None = strawberry.field(default=None, description="Letter case does not matter.")
    max_level: int | None = strawberry.field(default=None, description="Nothing deeper than this.")
    min_words: int | None = strawberry.field(default=None, description="Nothing shorter than this.")

    def to_model(self) -> models.ChapterFilter:
        return models.ChapterFilter(
            title_contains=self.title_contains, max_level=self.max_level, min_words=self.min_words
        )


@strawberry.input(description="How to sort chapters.")
class ChapterOrderBy:
    field: ChapterOrder = strawberry.field(default=ChapterOrder.POSITION, description="What to sort by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way to sort.")


@strawberry.input(description="What to extract and how.")
class ExtractionConfig:
    document_id: strawberry.ID = strawberry.field(description="The document to read.")
    max_level: int = strawberry.field(
        default=6, description="Headings deeper than this stay in their chapter's body; 1 to 6."
    )


@strawberry.enum(description="What kind of mistake it was.")
class UserErrorCode(StrEnum):
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"


@strawberry.type(description="A mistake of the caller's that a mutation names.")
class UserError:
    code: UserErrorCode = strawberry.field(description="What kind of mistake it was.")
    field: str | None = strawberry.field(description="The argument at fault.")
    message: str = strawberry.field(description="What to do about it, for people.")


@strawberry.type
class UploadDocumentPayload:
    document: Document | None = strawberry.field(description="What came of it; null with errors.")
    user_errors: list[UserError] = strawberry.field(description="The caller's mistakes; none on success.")


@strawberry.type
class ExtractChaptersPayload:
    document: Document | None = strawberry.field(description="What came of it; null with errors.")
    user_errors: list[UserError] = strawberry.field(description="The caller's mistakes; none on success.")


@strawberry.type
class DeleteDocumentPayload:
    deleted_id: strawberry.ID | None = strawberry.field(description="What is gone; null with errors.")
    user_errors: list[UserError] = strawberry.field(description="The caller's mistakes; none on success.")


def _edges(listed: Listed[T], make: Callable[[str, T], Edge]) -> list[Edge]:
    pairs: Sequence[tuple[str, T]] = list(zip(listed.cursors, listed.span.items, strict=True))
    return [make(cursor, item) for cursor, item in pairs]


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
