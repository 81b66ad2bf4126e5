"""What resolvers hold during one request: who asks, the service, and loaders that batch and remember."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from graphql import GraphQLError
from strawberry.dataloader import DataLoader

from reference_impl.chapters.models import Chapter, Document
from reference_impl.chapters.service import ChapterService
from reference_impl.kit.access import Principal

T = TypeVar("T")


class Context:
    """One request's context; its loaders live as long as it does."""

    def __init__(
        self, principal: Principal, service: ChapterService, *, operation_name: str | None = None
    ) -> None:
        self.principal = principal
        self.operation_name = operation_name
        self.service = service
        self.documents: DataLoader[str, Document | None] = DataLoader(self._load_documents)
        self.chapters: DataLoader[str, Chapter | None] = DataLoader(self._load_chapters)
        self.contents: DataLoader[str, str | None] = DataLoader(_by_key(service.contents))
        self.chapter_counts: DataLoader[str, int | None] = DataLoader(_by_key(service.chapter_counts))

    def require_write(self) -> None:
        """Raise unless the caller may run mutations."""
        if not self.service.may_mutate(self.principal):
            raise GraphQLError("This needs the permission chapters:write.", extensions={"code": "FORBIDDEN"})

    async def _load_documents(self, ids: list[str]) -> Sequence[Document | None]:
        found = await self.service.documents(self.principal, ids)
        return [found.get(key) for key in ids]

    async def _load_chapters(self, ids: list[str]) -> Sequence[Chapter | None]:
        found = await self.service.chapters(self.principal, ids)
        return [found.get(key) for key in ids]


def _by_key(
    find: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]],
) -> Callable[[list[str]], Awaitable[Sequence[T | None]]]:
    async def load(ids: list[str]) -> Sequence[T | None]:
        found = await find(ids)
        return [found.get(key) for key in ids]

    return load
