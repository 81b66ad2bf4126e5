"""What storage needs: a place for bytes, and a catalogue of what is there."""

from collections.abc import Sequence
from typing import Protocol

from reference_impl.storage.models import Conditions, Entry, Reach, Written
from reference_impl.storage.policies import WriteConditions


class Blobs(Protocol):
    """Bytes under names that are never used twice."""

    async def put(self, name: str, content: bytes) -> None: ...

    async def get(self, name: str) -> bytes:
        """Raise BlobMissing when there are none."""
        ...

    async def delete(self, name: str) -> None: ...

    async def check(self) -> None:
        """Raise StoreDown when the store does not answer."""


class Catalogue(Protocol):
    """Which objects there are."""

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None: ...

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written: ...

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None: ...

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]: ...
