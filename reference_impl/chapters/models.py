"""What chapter extraction speaks of: documents, chapters, orders, pages."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Format(StrEnum):
    """How a document's content is written."""

    TEXT = "TEXT"
    MARKDOWN = "MARKDOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An uploaded document without its content; times are seconds since the epoch."""

    id: str
    sequence: int
    owner: str
    tenant: str
    title: str
    format: Format
    size: int
    digest: str
    created_at: float
    extracted_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One chapter as found: the heading's own source, and all text up to the next heading."""

    title: str
    level: int
    number: str | None
    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section with its place in the document."""

    id: str
    document_id: str
    parent_id: str | None
    position: int
    level: int
    number: str | None
    title: str
    heading: str
    body: str
    words: int


class ChapterOrder(StrEnum):
    """What chapters can be sorted by."""

    POSITION = "POSITION"
    TITLE = "TITLE"
    WORDS = "WORDS"


class Direction(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterFilter:
    """Which chapters a connection shows."""

    title_contains: str | None = None
    max_level: int | None = None
    min_words: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A slice of a sorted list: rows after and before keys, the first or the last so many of them."""

    after: tuple[str | int, ...] | None = None
    before: tuple[str | int, ...] | None = None
    limit: int
    from_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Generic[T]):
    """What a window showed, and whether there is more on either side of it."""

    items: tuple[T, ...]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose documents a caller may see."""

    tenant: str
    owner: str | None
