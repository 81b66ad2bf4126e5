"""The blob port over obstore: the local file system, memory in tests, others by another store."""

from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore

from reference_impl.storage.errors import BlobMissing, StoreDown

_PROBE = "health/probe"


class ObstoreBlobs:
    """Blobs in any store that obstore knows."""

    def __init__(self, store: LocalStore | MemoryStore) -> None:
        self._store = store

    @classmethod
    def local(cls, folder: Path) -> "ObstoreBlobs":
        """Keep blobs as files below the folder."""
        return cls(LocalStore(folder, mkdir=True))

    async def put(self, name: str, content: bytes) -> None:
        """Write whole or not at all; a name is used once."""
        try:
            await obstore.put_async(self._store, name, content, mode="create")
        except AlreadyExistsError:
            raise
        except (BaseError, OSError) as error:
            raise StoreDown from error

    async def get(self, name: str) -> bytes:
        try:
            result = await obstore.get_async(self._store, name)
            return bytes(await result.bytes_async())
        except (NotFoundError, FileNotFoundError) as error:
            raise BlobMissing from error
        except (BaseError, OSError) as error:
            raise StoreDown from error

    async def delete(self, name: str) -> None:
        """Delete; what is gone already is fine."""
        try:
            await obstore.delete_async(self._store, name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise StoreDown from error

    async def check(self) -> None:
        try:
            await obstore.put_async(self._store, _PROBE, b"")
        except (BaseError, OSError) as error:
            raise StoreDown from error
