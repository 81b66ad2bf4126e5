"""Blobs in the file system."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.clock import ManualClock
from reference_impl.kit.composition import build_kit, close_kit
from reference_impl.settings import Settings
from reference_impl.storage.blobs import ObstoreBlobs
from reference_impl.storage.errors import BlobMissing, ConditionFailed, StoreDown
from reference_impl.storage.models import Conditions
from reference_impl.storage.service import StorageService
from reference_impl.storage.store import objects
from reference_impl.storage.wiring import assemble

ALICE = Principal(subject="usr/../alice", tenant="", permissions=ROLES["user"])


async def test_a_blob_survives_in_a_file_and_is_gone_after_delete(tmp_path: Path) -> None:
    blobs = ObstoreBlobs.local(tmp_path)
    await blobs.put("t-/usr/1", b"bytes")

    assert await ObstoreBlobs.local(tmp_path).get("t-/usr/1") == b"bytes"
    await blobs.delete("t-/usr/1")
    await blobs.delete("t-/usr/1")
    with pytest.raises(BlobMissing):
        await blobs.get("t-/usr/1")


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blobs = ObstoreBlobs.local(tmp_path / "objects")
    (tmp_path / "objects").rmdir()
    (tmp_path / "objects").write_text("a file stands where the folder was")

    with pytest.raises(StoreDown):
        await blobs.check()


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_of_many_creators_of_one_key_exactly_one_wins_and_no_bytes_are_left_over(
    tmp_path: Path,
) -> None:
    kit = build_kit(Settings(data_dir=tmp_path), clock=ManualClock())
    async with kit.database.begin() as connection:
        await connection.run_sync(objects.create)
    service = assemble(kit).service
    assert isinstance(service, StorageService)

    async def create(number: int) -> bool:
        try:
            await service.put(
                ALICE,
                "one",
                body(str(number).encode()),
                content_type="text/plain",
                conditions=Conditions(if_none_match="*"),
                digests=(),
            )
        except ConditionFailed:
            return False
        return True

    won = await asyncio.gather(*(create(number) for number in range(10)))

    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert sum(won) == 1
    assert len(files) == 1
    assert (await service.get(ALICE, "one"))[1] == str(won.index(True)).encode()
    await close_kit(kit)
