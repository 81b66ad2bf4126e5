"""Storage behind the gateway: digests, conditions, ownership, limits."""

import base64
import hashlib
from collections.abc import Iterator

import pytest

from tests.reference.serving import Serving, serving

URL = "/api/storage/objects"
CONTENT = b"some bytes \x00\xff"
DIGEST = f"sha-256=:{base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()}:"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("storage")) as started:
        yield started


def test_what_is_put_is_what_is_got_with_its_digest(served: Serving) -> None:
    put = served.call("PUT", f"{URL}/a.bin", content=CONTENT, headers={"Content-Type": "image/png"})
    got = served.call("GET", f"{URL}/a.bin")

    assert (put.status_code, got.status_code) == (201, 200)
    assert got.content == CONTENT
    assert got.headers["repr-digest"] == put.headers["repr-digest"] == DIGEST
    assert got.headers["etag"] == put.headers["etag"]
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == "attachment"


def test_head_answers_as_get_without_the_bytes(served: Serving) -> None:
    served.call("PUT", f"{URL}/head", content=CONTENT)

    head = served.call("HEAD", f"{URL}/head")

    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))


def test_replacing_keeps_the_creation_time_and_changes_the_tag(served: Serving) -> None:
    first = served.call("PUT", f"{URL}/twice", content=b"1")
    second = served.call("PUT", f"{URL}/twice", content=b"2")

    assert second.status_code == 200
    assert second.json()["created_at"] == first.json()["created_at"]
    assert second.headers["etag"] != first.headers["etag"]


def test_create_only_refuses_to_replace(served: Serving) -> None:
    once = {"If-None-Match": "*"}

    first = served.call("PUT", f"{URL}/once", content=b"1", headers=once)
    second = served.call("PUT", f"{URL}/once", content=b"2", headers=once)

    assert (first.status_code, second.status_code) == (201, 412)
    assert served.call("GET", f"{URL}/once").content == b"1"


def test_a_stale_tag_neither_replaces_nor_deletes(served: Serving) -> None:
    stale = served.call("PUT", f"{URL}/tagged", content=b"1").headers["etag"]
    fresh = served.call("PUT", f"{URL}/tagged", content=b"2").headers["etag"]

    assert served.call("PUT", f"{URL}/tagged", content=b"3", headers={"If-Match": stale}).status_code == 412
    assert served.call("DELETE", f"{URL}/tagged", headers={"If-Match": stale}).status_code == 412
    assert served.call("DELETE", f"{URL}/tagged", headers={"If-Match": fresh}).status_code == 204
    assert served.call("GET", f"{URL}/tagged").status_code == 404


def test_an_unchanged_object_is_not_sent_again(served: Serving) -> None:
    tag = served.call("PUT", f"{URL}/cached", content=b"1").headers["etag"]

    again = served.call("GET", f"{URL}/cached", headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("header", ["Repr-Digest", "Content-Digest"])
def test_content_that_does_not_match_its_digest_leaves_no_trace(served: Serving, header: str) -> None:
    wrong = served.call("PUT", f"{URL}/torn-{header}", content=CONTENT[:-1], headers={header: DIGEST})
    garbled = served.call("PUT", f"{URL}/torn-{header}", content=CONTENT, headers={header: "sha-256=x"})

    assert (wrong.status_code, garbled.status_code) == (422, 400)
    assert served.call("GET", f"{URL}/torn-{header}").status_code == 404
    assert (
        served.call("PUT", f"{URL}/torn-{header}", content=CONTENT, headers={header: DIGEST}).status_code
        == 201
    )


def test_keys_of_other_owners_are_invisible_and_do_not_clash(served: Serving) -> None:
    served.call("PUT", f"{URL}/shared-name", content=b"alice's")

    foreign = served.call("GET", f"{URL}/shared-name", token="bob")
    deleted = served.call("DELETE", f"{URL}/shared-name", token="bob")
    own = served.call("PUT", f"{URL}/shared-name", token="bob", content=b"bob's")

    assert (foreign.status_code, deleted.status_code, own.status_code) == (404, 404, 201)
    assert served.call("GET", f"{URL}/shared-name").content == b"alice's"
    assert [each["key"] for each in served.call("GET", URL, token="bob").json()["items"]] == ["shared-name"]


@pytest.mark.parametrize("key", ["..", ".hidden", "a%2Fb", "a%00", "x" * 129, "%2e%2e", "a b"])
def test_keys_outside_the_pattern_are_refused(served: Serving, key: str) -> None:
    assert served.call("PUT", f"{URL}/{key}", content=b"1").status_code in {404, 405, 422}


def test_pages_list_keys_in_order_below_a_prefix(served: Serving) -> None:
    for number in (3, 1, 2):
        served.call("PUT", f"{URL}/p_{number}", token="root", content=b"1")
    served.call("PUT", f"{URL}/pX4", token="root", content=b"1")

    first = served.call("GET", f"{URL}?prefix=p_&limit=2", token="root").json()
    rest = served.call("GET", f"{URL}?prefix=p_&limit=2&cursor={first['next_cursor']}", token="root").json()

    assert [each["key"] for each in first["items"] + rest["items"]] == ["p_1", "p_2", "p_3"]
    assert rest["next_cursor"] is None


def test_an_object_over_the_limit_is_a_413(served: Serving) -> None:
    answer = served.call("PUT", f"{URL}/large", content=b"x" * (10 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert served.call("GET", f"{URL}/large").status_code == 404


def test_a_reader_may_read_but_not_write(served: Serving) -> None:
    assert served.call("GET", URL, token="reader").status_code == 200
    assert served.call("PUT", f"{URL}/no", token="reader", content=b"1").status_code == 403
