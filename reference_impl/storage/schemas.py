"""The wire types of storage."""

from datetime import UTC, datetime

from pydantic import Field

from reference_impl.kit.model import Integer, Timestamp, Wire
from reference_impl.kit.paging import Page
from reference_impl.storage.models import Entry


class ObjectOut(Wire):
    """An object without its bytes."""

    key: str
    size: Integer = Field(description="In bytes.")
    sha256: str = Field(description="In hexadecimal.")
    content_type: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, entry: Entry) -> "ObjectOut":
        return cls(
            key=entry.key,
            size=entry.size,
            sha256=entry.digest.hex(),
            content_type=entry.content_type,
            created_at=datetime.fromtimestamp(entry.created_at, UTC),
            updated_at=datetime.fromtimestamp(entry.updated_at, UTC),
        )


class ObjectPage(Wire):
    items: list[ObjectOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Entry]) -> "ObjectPage":
        return cls(items=[ObjectOut.of(entry) for entry in page.items], next_cursor=page.next_cursor)
