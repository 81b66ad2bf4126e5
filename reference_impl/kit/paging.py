"""Cursor pagination: opaque cursors over the values a list is sorted by."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from reference_impl.kit.problem import FieldError, NotFound

T = TypeVar("T")
CursorValue = str | int | float | bool | None
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
_MAX_CURSOR = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items of a list and where to go on; no cursor means that this is the end."""

    items: Sequence[T]
    next_cursor: str | None = None


class UnknownCursor(NotFound):
    """A cursor names a page; there is none under a cursor that we did not make."""

    slug = "unknown-cursor"
    title = "There is no such page"

    def __init__(self) -> None:
        super().__init__(
            "The cursor is not one that this service gave out. Start again without one.",
            errors=(FieldError(pointer="/cursor", detail="not a known cursor", location="query"),),
        )


def encode_cursor(*values: CursorValue) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(text: str) -> tuple[CursorValue, ...]:
    """Return the values in the cursor; raises UnknownCursor for anything that we did not make."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw) if len(text) <= _MAX_CURSOR else None
    except (ValueError, binascii.Error, RecursionError):
        values = None
    if not isinstance(values, list) or any(isinstance(value, list | dict) for value in values):
        raise UnknownCursor
    return tuple(values)
