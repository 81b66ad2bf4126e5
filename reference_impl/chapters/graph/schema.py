"""Queries, mutations, and the schema they make."""

import asyncio
from collections.abc import Callable, Iterator

import strawberry
from graphql import DocumentNode, GraphQLError, NoSchemaIntrospectionCustomRule, OperationDefinitionNode
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from reference_impl.chapters.errors import DocumentInvalid, NoSuchDocument
from reference_impl.chapters.extraction.extract import DEEPEST
from reference_impl.chapters.graph.limits import QueryLimits, measure
from reference_impl.chapters.graph.types import (
    Chapter,
    ChapterConnection,
    ChapterFilter,
    ChapterOrderBy,
    DeleteDocumentPayload,
    Document,
    DocumentConnection,
    ExtractChaptersPayload,
    ExtractionConfig,
    Info,
    Node,
    UploadDocumentPayload,
    UserError,
    UserErrorCode,
)
from reference_impl.chapters.models import Format
from reference_impl.chapters.service import PageRequest

MAX_TOKENS = 2000
MAX_NODES = 100
_UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"


@strawberry.type
class Query:
    @strawberry.field(description="Any object by its id; null when there is none that is yours.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - Relay names the argument
        return await _node(info, id)

    @strawberry.field(description="Several objects by their ids, in the same order.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise GraphQLError(f"Ask for at most {MAX_NODES} ids.", extensions={"code": "BAD_USER_INPUT"})
        return list(await asyncio.gather(*(_node(info, each) for each in ids)))

    @strawberry.field(description="A document by its id; null when there is none that is yours.")
    async def document(self, info: Info, id: strawberry.ID) -> Document | None:  # noqa: A002 - the id of the object
        found = await info.context.documents.load(id)
        return None if found is None else Document.of(found)

    @strawberry.field(description="Your documents, the newest first.")
    async def documents(
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> DocumentConnection:
        page = PageRequest(first=first, after=after, last=last, before=before)
        context = info.context
        return DocumentConnection.of(await context.service.list_documents(context.principal, page))

    @strawberry.field(description="A document's chapters; null when there is no such document of yours.")
    async def chapters(
        self,
        info: Info,
        *,
        document_id: strawberry.ID,
        filter: ChapterFilter | None = None,  # noqa: A002 - the published name of the argument
        order_by: ChapterOrderBy | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ChapterConnection | None:
        order = order_by or ChapterOrderBy()
        context = info.context
        try:
            listed = await context.service.list_chapters(
                context.principal,
                document_id,
                selection=(filter or ChapterFilter()).to_model(),
                order=order.field,
                direction=order.direction,
                page=PageRequest(first=first, after=after, last=last, before=before),
            )
        except NoSuchDocument:
            return None
        return ChapterConnection.of(listed)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Upload a document as text or Markdown.")
    async def upload_document(
        self,
        info: Info,
        *,
        title: str,
        content: str,
        format: Format = Format.TEXT,  # noqa: A002 - published name
    ) -> UploadDocumentPayload:
        context = info.context
        context.require_write()
        try:
            document = await context.service.upload(
                context.principal, title=title, content=content, form=format
            )
        except DocumentInvalid as refusal:
            error = UserError(code=UserErrorCode.INVALID, field=refusal.field, message=refusal.detail)
            return UploadDocumentPayload(document=None, user_errors=[error])
        return UploadDocumentPayload(document=Document.of(document), user_errors=[])

    @strawberry.mutation(description="Find the chapters of a document; they replace former ones.")
    async def extract_chapters(self, info: Info, *, input: ExtractionConfig) -> ExtractChaptersPayload:  # noqa: A002 - Relay names it
        context = info.context
        context.require_write()
        if not 1 <= input.max_level <= DEEPEST:
            detail = f"maxLevel must be from 1 to {DEEPEST}."
            error = UserError(code=UserErrorCode.INVALID, field="maxLevel", message=detail)
            return ExtractChaptersPayload(document=None, user_errors=[error])
        try:
            document = await context.service.extract(
                context.principal, input.document_id, max_level=input.max_level
            )
        except NoSuchDocument as absent:
            return ExtractChaptersPayload(document=None, user_errors=[_absent("documentId", absent)])
        return ExtractChaptersPayload(document=Document.of(document), user_errors=[])

    @strawberry.mutation(description="Delete a document with its chapters.")
    async def delete_document(self, info: Info, *, id: strawberry.ID) -> DeleteDocumentPayload:  # noqa: A002 - the id of the object
        context = info.context
        context.require_write()
        try:
            await context.service.delete(context.principal, id)
        except NoSuchDocument as absent:
            return DeleteDocumentPayload(deleted_id=None, user_errors=[_absent("id", absent)])
        return DeleteDocumentPayload(deleted_id=id, user_errors=[])


async def _node(info: Info, key: str) -> Node | None:
    if key.startswith("doc_"):
        document = await info.context.documents.load(key)
        return None if document is None else Document.of(document)
    if key.startswith("chp_"):
        chapter = await info.context.chapters.load(key)
        return None if chapter is None else Chapter.of(chapter)
    return None


def _absent(field: str, absent: NoSuchDocument) -> UserError:
    return UserError(code=UserErrorCode.NOT_FOUND, field=field, message=absent.detail)


class QueryGuard(ValidationCache):
    """Measures the document before it is validated; what is too large is neither validated nor run."""

    def __init__(self, limits: QueryLimits) -> None:
        super().__init__()
        self._limits = limits

    def on_validate(self) -> Iterator[None]:
        document = self.execution_context.graphql_document
        error = None if document is None else self._refusal(document)
        if error is not None:
            self.execution_context.pre_execution_errors = [error]
            yield
            return
        yield from super().on_validate()

    def _refusal(self, document: DocumentNode) -> GraphQLError | None:
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        if len(operations) > 1 and self.execution_context.context.operation_name is None:
            # The library would run the first one; the specification asks for an error.
            return GraphQLError("Name the operation to run.", extensions={"code": _UNRESOLVED})
        refusal = self._limits(measure(document))
        return None if refusal is None else GraphQLError(refusal, extensions={"code": "BAD_USER_INPUT"})


class QuietSchema(strawberry.Schema):
    """Leaves logging to the executor, which knows a caller's mistake from our own."""

    def process_errors(self, *_: object) -> None:
        return


def build_schema(limits: QueryLimits, *, hardened: bool) -> strawberry.Schema:
    """The schema; a hardened one answers no introspection and suggests no names."""
    extensions: list[Callable[[], SchemaExtension]] = [
        ParserCache,
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: QueryGuard(limits),
    ]
    if hardened:
        extensions.append(lambda: AddValidationRules([NoSchemaIntrospectionCustomRule]))
    return QuietSchema(
        query=Query,
        mutation=Mutation,
        types=[Document, Chapter],
        config=StrawberryConfig(disable_field_suggestions=hardened),
        extensions=extensions,
    )
