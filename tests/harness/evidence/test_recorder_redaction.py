"""What the recorder keeps of bodies, whom it recognises, and what it marks."""

import asyncio
import base64
import gzip
import json
from pathlib import Path

import pytest

from harness.core.exchange import Protocol
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.evidence.scribe import LONGEST_BODY, Scribe
from tests.harness.evidence.staging import CANARY, get, ok, staged, staged_again


async def test_long_bodies_are_cut_and_say_so_and_no_half_secret_stands_on_the_cut(tmp_path: Path) -> None:
    for lead in (LONGEST_BODY - 5, LONGEST_BODY + 8 * 1024 - 5):
        body = b"x" * lead + CANARY.encode() + b"y" * 100_000
        async with staged(tmp_path / str(lead), ok(body)) as stage:
            await stage.say(get())
            (exchange,) = await stage.exchanges()

        assert exchange.response is not None
        assert exchange.response.is_truncated
        assert exchange.response.body_size == len(body)
        assert exchange.response.body is not None
        assert len(exchange.response.body) <= LONGEST_BODY
        assert "c4n" not in exchange.response.body


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_compressed_bodies_are_read_and_redacted(tmp_path: Path, encoding: str) -> None:
    import zlib

    import brotli

    body = json.dumps({"hello": CANARY}).encode()
    packed = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}[encoding](body)

    async with staged(tmp_path, ok(packed, f"Content-Encoding: {encoding}")) as stage:
        assert (await stage.say(get())).endswith(packed)
        (exchange,) = await stage.exchanges()

    assert exchange.response is not None
    assert exchange.response.body is not None
    assert exchange.response.body.startswith('{"hello": "{{secret:known:')


async def test_a_body_that_cannot_be_read_is_not_kept(tmp_path: Path) -> None:
    async with staged(tmp_path, ok(b"(\xb5\x2f\xfd", "Content-Encoding: zstd")) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.response is not None
    assert exchange.response.body == ""
    assert "response-body" in exchange.notes


async def test_bytes_that_are_no_text_are_kept_in_base64(tmp_path: Path) -> None:
    async with staged(tmp_path, ok(b"\xff\x00" + CANARY.encode())) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.response is not None
    assert exchange.response.body_is_base64
    content = base64.b64decode(exchange.response.body or "")
    assert content.startswith(b"\xff\x00{{secret:known:")


async def test_an_identity_is_known_by_its_credential(tmp_path: Path) -> None:
    async with staged(tmp_path, ok()) as stage:
        stage.scribe.know("bob", {"Authorization": "Bearer token-of-bob"})
        await stage.say(get("/me", "Authorization: Bearer token-of-bob"), get("/me"))
        first, second = await stage.exchanges()

    assert first.identity == "bob"
    assert second.identity == ""
    assert "token-of-bob" not in stage.folder.exchanges.read_text()


async def test_what_happens_under_a_fault_is_marked(tmp_path: Path) -> None:
    async with staged(tmp_path, ok()) as stage:
        await stage.say(get("/before"))
        stage.scribe.set_fault(active=True)
        await stage.say(get("/during"))
        stage.scribe.set_fault(active=False)
        await stage.say(get("/after"))
        exchanges = await stage.exchanges()

    assert [(item.request.target, item.fault_active) for item in exchanges] == [
        ("/before", False),
        ("/during", True),
        ("/after", False),
    ]


async def test_a_question_that_outlives_a_fault_is_marked(tmp_path: Path) -> None:
    async with staged(tmp_path, lambda data: ok() if b"67890" in data else b"") as stage:
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.recorder.port)
        writer.write(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        await asyncio.sleep(0.05)
        stage.scribe.set_fault(active=True)
        stage.scribe.set_fault(active=False)
        writer.write(b"67890")
        await asyncio.wait_for(reader.readuntil(b"}"), 5)
        writer.close()
        (exchange,) = await stage.exchanges()

    assert exchange.fault_active


async def test_mcp_paths_are_told_from_plain_http(tmp_path: Path) -> None:
    async with staged(tmp_path, ok()) as stage:
        await stage.say(get("/mcp/x", method="POST"))
        (exchange,) = await stage.exchanges()

    assert exchange.protocol is Protocol.MCP


async def test_a_second_recorder_of_a_layer_goes_on_counting(tmp_path: Path) -> None:
    async with staged(tmp_path, ok()) as stage:
        await stage.say(get(), get())
        await stage.exchanges()
    scribe = Scribe(Layer.FUZZ, stage.folder.exchanges, Redactor((), b"key"))
    async with staged_again(scribe, stage) as again:
        await again.say(get())
        exchanges = await again.exchanges()

    assert [item.id for item in exchanges] == ["fuzz-1", "fuzz-2", "fuzz-3"]
