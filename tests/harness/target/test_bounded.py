"""What a target publishes is read within bounds, and leads nowhere else."""

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from harness.target import documents
from harness.target.bounded import NotFetched, fetch
from harness.target.documents import parse, self_contained


def client(answer: httpx.Response) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda _: answer), base_url="http://here.test")


def refused(answer: httpx.Response, **bounds: int) -> str:
    with client(answer) as asking, pytest.raises(NotFetched) as caught:
        fetch(asking, "/x", **bounds)
    return str(caught.value)


class Raw(httpx.SyncByteStream):
    """Bytes as they come off the wire."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def encoded(content: bytes, encoding: str) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Raw(content))


def test_a_compressed_answer_is_read_plain() -> None:
    with client(encoded(gzip.compress(b"hello"), "gzip")) as asking:
        assert fetch(asking, "/x").content == b"hello"


def test_a_bomb_is_refused_while_it_inflates() -> None:
    assert "longer than" in refused(encoded(gzip.compress(b"\0" * (1 << 22)), "gzip"), most_bytes=1 << 20)


def test_an_encoding_that_was_not_asked_for_is_named() -> None:
    assert "'br'" in refused(encoded(b"x", "br"))


def test_another_origin_is_named_and_not_followed() -> None:
    said = refused(httpx.Response(302, headers={"Location": "https://here.test/x"}))

    assert "another origin, https://here.test:443" in said


def test_a_redirect_on_the_same_origin_is_followed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/x":
            return httpx.Response(307, headers={"Location": "/y"})
        return httpx.Response(200, stream=Raw(b"there"))

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://here.test") as asking:
        fetched = fetch(asking, "/x")

    assert (fetched.path, fetched.content) == ("/y", b"there")


def test_yaml_becomes_what_json_can_hold() -> None:
    assert parse(b"on: 2026-01-02\n200: {a: [1, null]}\n") == {"true": "2026-01-02", "200": {"a": [1, None]}}


def test_aliases_that_multiply_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MOST_NODES", 1000)
    lines = ["a0: &a0 [x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 4)}]" for n in range(1, 8))]

    with pytest.raises(ValueError, match="more than"):
        parse("\n".join(lines).encode())


def test_a_page_is_no_document() -> None:
    with pytest.raises(ValueError, match="page"):
        parse(b"  <!doctype html><html></html>")


def test_a_copy_leads_nowhere_else_and_keeps_the_rest() -> None:
    document = {
        "local": {"$ref": "#/components/x"},
        "remote": {"$ref": "http://elsewhere.test/x.json"},
        "file": {"$ref": "other.yaml#/x"},
        "links": {"next": {"operationRef": "http://elsewhere.test/y"}, "self": {"operationId": "a"}},
        "examples": [{"externalValue": "http://elsewhere.test/z", "summary": "s"}],
        "properties": {"externalValue": {"type": "string"}},
    }

    assert self_contained(document) == {
        "local": {"$ref": "#/components/x"},
        "remote": {},
        "file": {},
        "links": {"self": {"operationId": "a"}},
        "examples": [{"summary": "s"}],
        "properties": {"externalValue": {"type": "string"}},
    }
    assert "elsewhere" not in json.dumps(self_contained(document))
