"""Storage for its callers: put, get, delete, list; bytes first, then the entry, then the old bytes go."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

from reference_impl.kit.access import Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id
from reference_impl.kit.paging import Page, UnknownCursor, decode_cursor, encode_cursor
from reference_impl.storage.errors import BlobMissing, NoSuchObject, ObjectTooLarge, StoreDown
from reference_impl.storage.models import Conditions, Entry, Written
from reference_impl.storage.policies import StoragePolicies
from reference_impl.storage.ports import Blobs, Catalogue

_READ_TRIES = 3


class StorageService:
    """What callers may do with objects."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        catalogue: Catalogue,
        policies: StoragePolicies,
        clock: Clock,
        logger: logging.Logger,
        limit: int,
    ) -> None:
        self._blobs = blobs
        self._catalogue = catalogue
        self._policies = policies
        self._clock = clock
        self._logger = logger
        self._limit = limit

    async def put(
        self,
        principal: Principal,
        key: str,
        body: AsyncIterator[bytes],
        *,
        content_type: str,
        conditions: Conditions,
        digests: tuple[bytes, ...],
    ) -> Written:
        """Store the body under the key, whole or not at all."""
        content = await self._read(body)
        digest = (await asyncio.to_thread(hashlib.sha256, content)).digest()
        self._policies.checksum(digests, digest)
        now = self._clock.now().timestamp()
        entry = Entry(
            tenant=principal.tenant,
            owner=principal.subject,
            key=key,
            blob=new_id("blb"),
            size=len(content),
            digest=digest,
            content_type=content_type,
            created_at=now,
            updated_at=now,
        )
        await self._blobs.put(_place(entry), content)
        try:
            written = await self._catalogue.write(entry, conditions, self._policies.conditions)
        except BaseException:
            await self._forget(_place(entry))
            raise
        if written.former_blob is not None:
            await self._forget(_place(entry, blob=written.former_blob))
        return written

    async def get(self, principal: Principal, key: str) -> tuple[Entry, bytes]:
        """The object with its bytes, checked against their digest."""
        for _ in range(_READ_TRIES):
            entry = await self._owned(principal, key)
            try:
                content = await self._blobs.get(_place(entry))
            except BlobMissing:
                continue  # replaced between the two reads
            if not hmac.compare_digest(hashlib.sha256(content).digest(), entry.digest):
                self._logger.error("stored_object_corrupt", extra={"blob": entry.blob})
                raise StoreDown
            return entry, content
        self._logger.error("stored_object_missing", extra={"key_length": len(key)})
        raise StoreDown

    async def delete(self, principal: Principal, key: str, conditions: Conditions) -> None:
        """Delete the object."""
        entry = await self._owned(principal, key)
        removed = await self._catalogue.remove(entry, conditions, self._policies.conditions)
        if removed is None:
            raise NoSuchObject
        await self._forget(_place(removed))

    async def list(self, principal: Principal, *, prefix: str, cursor: str | None, limit: int) -> Page[Entry]:
        """One page of the caller's objects by key."""
        found = await self._catalogue.list(
            self._policies.ownership.reach(principal),
            prefix=prefix,
            after=_after(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        more = len(found) > limit
        return Page(items=page, next_cursor=encode_cursor("storage", page[-1].key) if more else None)

    async def _owned(self, principal: Principal, key: str) -> Entry:
        ownership = self._policies.ownership
        entry = await self._catalogue.find(ownership.reach(principal), key, prefer=principal.subject)
        if entry is None or not ownership.permits(principal, entry):
            raise NoSuchObject
        return entry

    async def _read(self, body: AsyncIterator[bytes]) -> bytes:
        content = bytearray()
        async for chunk in body:
            content += chunk
            if len(content) > self._limit:
                raise ObjectTooLarge(self._limit)
        return bytes(content)

    async def _forget(self, place: str) -> None:
        """Delete superfluous bytes; when that fails they only take room."""
        try:
            await self._blobs.delete(place)
        except StoreDown:
            self._logger.warning("blob_left_behind", extra={"place": place})


def _place(entry: Entry, *, blob: str | None = None) -> str:
    """Where the bytes are: below tenant and owner, so that an owner's objects can be found together."""
    return f"t-{quote(entry.tenant, safe='')}/{quote(entry.owner, safe='')}/{blob or entry.blob}"


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case ("storage", str(key)) if key.isascii() and key.isprintable():
            return key
        case _:
            raise UnknownCursor
