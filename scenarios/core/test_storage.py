"""Stored objects come back as they were, and none replaces another that it should not."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.signals import baseline

_AT_ONCE = 8
_CONTENTS = {
    "text": ("text/plain", b"Hello.\n"),
    "empty": ("application/octet-stream", b""),
    "every byte": ("application/octet-stream", bytes(range(256)) * 17),
    "looks compressed": ("application/gzip", b"\x1f\x8b\x08\x00" + bytes(range(200))),
    "other text": ("text/plain; charset=utf-8", "Grüße, 世界\r\n\r\n".encode()),
    "half a megabyte": ("application/octet-stream", hashlib.sha256(b"seed").digest() * 16384),
}


def put(account: Account, key: str, content: bytes, **headers: str) -> httpx.Response:
    """Store an object."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return account.client.put(f"/api/storage/objects/{key}", content=content, headers=named)


@pytest.mark.requirement("storage.round-trip-exact")
@pytest.mark.parametrize("what", list(_CONTENTS))
def test_an_object_comes_back_byte_for_byte(account: Account, unique: str, what: str) -> None:
    """What is read back has the stored bytes, the media type and a checksum of these bytes."""
    media_type, content = _CONTENTS[what]
    key = f"round-trip-{unique}.bin"
    stored = json_of(put(account, key, content, Content_Type=media_type), 200, 201)

    read = expect_status(account.client.get(f"/api/storage/objects/{key}"), 200)

    assert read.content == content, f"{len(content)} bytes went in and {len(read.content)} other came out"
    given = read.headers.get("content-type", "")
    assert given.replace(" ", "") == media_type.replace(" ", ""), f"{media_type} came back as {given}"
    digest = hashlib.sha256(content)
    assert member(stored, "sha256") == digest.hexdigest(), "the checksum is not that of the content"
    expected = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert expected in read.headers.get("repr-digest", ""), f"Repr-Digest: {read.headers.get('repr-digest')}"


@pytest.mark.requirement("storage.round-trip-exact")
def test_an_object_that_arrives_damaged_is_not_stored(account: Account, unique: str) -> None:
    """A body that does not match the digest it was sent with is refused and leaves nothing behind."""
    key = f"damaged-{unique}.bin"
    meant = base64.b64encode(hashlib.sha256(b"what was meant").digest()).decode()

    answer = put(account, key, b"what arrived", Repr_Digest=f"sha-256=:{meant}:")

    expect_status(answer, 400, 422)
    expect_status(account.client.get(f"/api/storage/objects/{key}"), 404, when="after the refused write")


@pytest.mark.requirement("storage.create-only-honoured")
def test_create_only_never_replaces(account: Account, unique: str) -> None:
    """A write with If-None-Match: * creates what is not there and never replaces what is."""
    key = f"create-only-{unique}.txt"
    with baseline():
        expect_status(put(account, key, b"first", If_None_Match="*"), 200, 201)

    expect_status(put(account, key, b"second", If_None_Match="*"), 412)

    read = expect_status(account.client.get(f"/api/storage/objects/{key}"), 200)
    assert read.content == b"first", f"the refused write replaced the object: {read.content!r}"


@pytest.mark.requirement("storage.create-only-honoured")
@pytest.mark.depth("standard")
def test_of_many_who_create_at_once_one_does(account: Account, unique: str) -> None:
    """Of several writes with If-None-Match: * at once one creates the object, and it is that one's."""
    key = f"race-{unique}.txt"
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(
            pool.map(lambda n: put(account, key, f"from {n}".encode(), If_None_Match="*"), range(_AT_ONCE))
        )

    for answer in answers:
        expect_status(answer, 200, 201, 412, when=f"as one of {_AT_ONCE} at once")
    winners = [number for number, answer in enumerate(answers) if answer.is_success]
    assert len(winners) == 1, f"{len(winners)} of {_AT_ONCE} at once created the object"
    read = expect_status(account.client.get(f"/api/storage/objects/{key}"), 200)
    assert read.content == f"from {winners[0]}".encode(), "the object is not the winner's"


@pytest.mark.requirement("storage.deleted-is-gone")
def test_a_deleted_object_is_gone(account: Account, unique: str) -> None:
    """A deleted object is neither read, listed nor deleted again, and its key is free."""
    key = f"deleted-{unique}.txt"
    path = f"/api/storage/objects/{key}"
    with baseline():
        expect_status(put(account, key, b"here"), 200, 201)
        expect_status(account.client.get(path), 200, when="before it was deleted")

    expect_status(account.client.delete(path), 200, 202, 204)

    expect_status(account.client.get(path), 404, 410, when="after it was deleted")
    listed = account.client.get("/api/storage/objects", params={"limit": 100})
    assert key not in expect_status(listed, 200).text, "the list still shows the deleted object"
    expect_status(account.client.delete(path), 404, 410, when="a second time")
    expect_status(put(account, key, b"again", If_None_Match="*"), 200, 201, when="under the free key")
