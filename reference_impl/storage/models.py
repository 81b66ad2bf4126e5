"""What storage speaks of: entries, which describe an object, and the conditions of a write."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored object without its bytes; times are seconds since the epoch."""

    tenant: str
    owner: str
    key: str
    blob: str
    size: int
    digest: bytes
    content_type: str
    created_at: float
    updated_at: float

    @property
    def etag(self) -> str:
        """A strong tag: equal bytes, equal tag."""
        return f'"{self.digest.hex()}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a writer says of the state that it writes over."""

    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose objects a caller may see: one tenant, and one owner or (None) all of its owners."""

    tenant: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The new entry, whether it is the first of its key, and the blob it made superfluous."""

    entry: Entry
    is_new: bool
    former_blob: str | None = None
