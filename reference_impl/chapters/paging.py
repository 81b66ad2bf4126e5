"""Relay pages over keys: a cursor names a row's place in the order, so inserts and deletes never shift it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from reference_impl.chapters.errors import InvalidPage
from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.text import is_storable
from reference_impl.kit.paging import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    UnknownCursor,
    decode_cursor,
    encode_cursor,
)

T = TypeVar("T")
Key = tuple[str | int, ...]


class KeysetSource(Protocol[T]):
    """A list in a total order that can be cut at any key, whether a row stands there or not."""

    async def fetch(
        self, *, after: Key | None, before: Key | None, limit: int, from_end: bool
    ) -> Sequence[T]:
        """Rows strictly between the keys, in order; the first or the last `limit` of them."""
        ...

    async def any_before(self, key: Key, *, inclusive: bool) -> bool: ...

    async def any_after(self, key: Key, *, inclusive: bool) -> bool: ...

    def key_of(self, item: T) -> Key: ...


class Paging(Protocol):
    """Cuts one page out of a source."""

    async def __call__(self, source: KeysetSource[T], window: Window) -> Span[T]: ...


class PageInfoPolicy(Protocol):
    """What a page says of its neighbours, asked only for what the client asks for."""

    def has_previous(self, span: Span[T]) -> bool: ...

    def has_next(self, span: Span[T]) -> bool: ...


class PageBounds(Protocol):
    """How many rows a page may have, and from which end."""

    def __call__(self, first: int | None, last: int | None) -> tuple[int, bool]: ...


async def keyset_page(source: KeysetSource[T], window: Window) -> Span[T]:
    """Cut the page and look past both of its ends."""
    items = tuple(
        await source.fetch(
            after=window.after, before=window.before, limit=window.limit, from_end=window.from_end
        )
    )
    if items:
        return Span(
            items=items,
            has_previous=await source.any_before(source.key_of(items[0]), inclusive=False),
            has_next=await source.any_after(source.key_of(items[-1]), inclusive=False),
        )
    return Span(
        items=(),
        has_previous=window.after is not None and await source.any_before(window.after, inclusive=True),
        has_next=window.before is not None and await source.any_after(window.before, inclusive=True),
    )


class HonestPageInfo:
    """Says what was found."""

    def has_previous(self, span: Span[T]) -> bool:
        return span.has_previous

    def has_next(self, span: Span[T]) -> bool:
        return span.has_next


def bounded(first: int | None, last: int | None) -> tuple[int, bool]:
    """Return the page's size and whether it counts from the end; one of the two, within the maximum."""
    if first is not None and last is not None:
        raise InvalidPage("Give first or last, not both.")
    size = DEFAULT_PAGE_SIZE if first is None and last is None else (last if first is None else first)
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidPage(f"first and last must be from 1 to {MAX_PAGE_SIZE}.")
    return size, last is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors(Generic[T]):
    """Writes and reads the cursors of one list in one order; those of another are refused."""

    name: str
    types: tuple[type, ...]
    key_of: Callable[[T], Key]

    def of(self, item: T) -> str:
        return encode_cursor(self.name, *self.key_of(item))

    def read(self, cursor: str | None) -> Key | None:
        if cursor is None:
            return None
        try:
            name, *values = decode_cursor(cursor)
        except (UnknownCursor, ValueError):
            raise InvalidPage("The cursor is not one that this service gave out.") from None
        if name != self.name or [type(value) for value in values] != list(self.types):
            raise InvalidPage("The cursor belongs to another list or another order.")
        key = tuple(value for value in values if isinstance(value, str | int))
        if not all(_is_comparable(value) for value in key):
            raise InvalidPage("The cursor is not one that this service gave out.")
        return key


def _is_comparable(value: str | int) -> bool:
    """Whether the store can compare the value at all; a forged cursor may hold anything."""
    return is_storable(value) if isinstance(value, str) else -(2**63) <= value < 2**63
