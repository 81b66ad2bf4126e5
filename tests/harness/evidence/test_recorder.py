"""The recorder relays bytes untouched and writes down every exchange, or a gap that says what is missing."""

import asyncio
import base64
import gzip
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.core.clock import SystemClock
from harness.core.exchange import Exchange, Protocol
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.relay import Direction
from harness.core.resources import resource
from harness.evidence.conversation import Conversation
from harness.evidence.draft import Draft
from harness.evidence.recorder import Recorder
from harness.evidence.scribe import LONGEST_BODY, Scribe
from harness.evidence.store import RunFolder

CANARY = "c4nary/s3cret+value"


class Stage:
    """A recorder in front of a server that answers each connection with the given bytes."""

    def __init__(self, recorder: Recorder, folder: RunFolder, heard: list[bytes], scribe: Scribe) -> None:
        self.recorder = recorder
        self.folder = folder
        self.heard = heard
        self.scribe = scribe

    async def say(self, *requests: bytes, until: bytes | None = None) -> bytes:
        """Send the requests on one connection, half-close, and return all that came back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.recorder.port)
        try:
            for request in requests:
                writer.write(request)
                await writer.drain()
                await asyncio.sleep(0.01)
            if until is not None:
                return await asyncio.wait_for(reader.readuntil(until), 5)
            writer.write_eof()
            with suppress(ConnectionResetError):
                return await asyncio.wait_for(reader.read(), 5)
            return b""
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def exchanges(self) -> list[Exchange]:
        await self.recorder.stop()
        return list(self.folder.read_exchanges())


Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def staged(
    tmp_path: Path, answer: bytes | Answer, *, closes: bool = False, secrets: tuple[str, ...] = (CANARY,)
) -> AsyncIterator[Stage]:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(1 << 20):
                heard.append(data)
                writer.write(answer(data) if callable(answer) else answer)
                await writer.drain()
                if closes:
                    break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    folder = RunFolder.create(tmp_path / "run")
    scribe = Scribe(Layer.FUZZ, folder.exchanges, Redactor(secrets, b"key"), mcp=("/mcp/x",))
    recorder = Recorder(server.sockets[0].getsockname()[:2], scribe, SystemClock())
    await recorder.start(0)
    try:
        yield Stage(recorder, folder, heard, scribe)
    finally:
        server.close()


def get(target: str = "/items", *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: x", *headers]
    return "\r\n".join((*lines, "", "")).encode()


def ok(body: bytes = b'{"n": 1}', *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join((*lines, "", "")).encode() + body


async def test_a_get_is_relayed_untouched_and_written_whole(tmp_path: Path) -> None:
    request = get("/items?a=1", "X-Odd-CASE: kept", "Harness-Step: step-7", "Harness-Identity: alice")

    async with staged(tmp_path, ok()) as stage:
        answer = await stage.say(request)
        (exchange,) = await stage.exchanges()

    assert answer == ok()
    assert stage.heard == [request]
    assert exchange.id == "fuzz-1"
    assert exchange.step == "step-7"
    assert exchange.identity == "alice"
    assert exchange.request.target == "/items?a=1"
    assert exchange.request.header("x-odd-case") == "kept"
    assert exchange.response is not None
    assert exchange.response.status == 200
    assert exchange.response.body == '{"n": 1}'
    assert exchange.response.body_size == 8
    assert exchange.started
    assert exchange.gap == ""


async def test_requests_after_a_head_are_not_lost(tmp_path: Path) -> None:
    def answer(data: bytes) -> bytes:
        return ok().removesuffix(b'{"n": 1}') if data.startswith(b"HEAD") else ok()

    async with staged(tmp_path, answer) as stage:
        await stage.say(get(method="HEAD"), get("/a"), get("/b"), get("/c"))
        exchanges = await stage.exchanges()

    assert [item.request.method for item in exchanges] == ["HEAD", "GET", "GET", "GET"]
    assert [item.request.target for item in exchanges[1:]] == ["/a", "/b", "/c"]
    assert exchanges[0].response is not None
    assert exchanges[0].response.body_size == 0


async def test_pipelined_requests_and_answers_are_matched_in_order(tmp_path: Path) -> None:
    answers = ok(b"1") + ok(b"22") + ok(b"333", status="404 Not Found")

    async with staged(tmp_path, answers) as stage:
        await stage.say(get("/1") + get("/2") + get("/3"))
        exchanges = await stage.exchanges()

    seen = [
        (item.request.target, item.response and (item.response.status, item.response.body))
        for item in exchanges
    ]
    assert seen == [("/1", (200, "1")), ("/2", (200, "22")), ("/3", (404, "333"))]


async def test_chunked_bodies_are_joined_in_both_directions(tmp_path: Path) -> None:
    request = get("/items", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    answer = (
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )

    async with staged(tmp_path, answer) as stage:
        assert await stage.say(request) == answer
        (exchange,) = await stage.exchanges()

    assert exchange.request.body == "abcde"
    assert exchange.response is not None
    assert exchange.response.body == "hello"


async def test_an_answer_without_a_length_ends_with_the_connection(tmp_path: Path) -> None:
    async with staged(tmp_path, b"HTTP/1.0 200 OK\r\n\r\nuntil the end", closes=True) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.response is not None
    assert exchange.response.body == "until the end"
    assert exchange.gap == ""


async def test_an_interim_answer_is_noted_and_the_final_one_recorded(tmp_path: Path) -> None:
    async with staged(tmp_path, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok()) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.response is not None
    assert exchange.response.status == 200
    assert exchange.notes["informational"] == "103"


async def test_a_stream_of_events_is_written_when_it_closes(tmp_path: Path) -> None:
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2\n\n"

    async with staged(tmp_path, stream) as stage:
        await stage.say(get("/events"), until=b"data: 2\n\n")
        (exchange,) = await stage.exchanges()

    assert exchange.protocol is Protocol.SSE
    assert exchange.response is not None
    assert exchange.response.body == "data: 1\n\ndata: 2\n\n"
    assert exchange.gap == ""


async def test_after_an_upgrade_bytes_pass_and_nothing_is_parsed(tmp_path: Path) -> None:
    upgrade = get("/ws", "Connection: Upgrade", "Upgrade: websocket")

    def answer(data: bytes) -> bytes:
        if data.startswith(b"GET"):
            return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        return b"\x81\x05frame"

    async with staged(tmp_path, answer) as stage:
        heard = await stage.say(upgrade, b"\x81\x85\x00\x00\x00\x00frame", until=b"frame")
        (exchange,) = await stage.exchanges()

    assert heard.endswith(b"\x81\x05frame")
    assert exchange.protocol is Protocol.WEBSOCKET
    assert exchange.response is not None
    assert exchange.response.status == 101


async def test_a_request_no_parser_takes_is_relayed_and_recorded_as_unparsed(tmp_path: Path) -> None:
    broken = (
        b"GET /items HTTP/1.1\r\nHost: x\r\nX-Bad: a\x00b\r\nAuthorization: Bearer "
        + CANARY.encode()
        + b"\r\n\r\n"
    )

    async with staged(tmp_path, ok(status="400 Bad Request")) as stage:
        await stage.say(broken, get("/after"))
        first, second = await stage.exchanges()

    assert stage.heard[0] == broken
    assert first.gap == "unparsed"
    assert first.request.method == "GET"
    assert first.request.target == "/items"
    assert "X-Bad" in first.notes["raw"]
    assert CANARY not in first.notes["raw"]
    assert first.response is not None
    assert first.response.status == 400
    assert second.request.target == "/after"


async def test_an_answer_no_parser_takes_is_a_gap(tmp_path: Path) -> None:
    async with staged(tmp_path, b"this is no HTTP\r\n\r\n") as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "answer-unparsed"
    assert exchange.response is None


async def test_a_question_without_an_answer_is_a_gap(tmp_path: Path) -> None:
    async with staged(tmp_path, b"", closes=True) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "connection-closed"


async def test_an_answer_cut_in_the_middle_is_a_gap_with_what_came(tmp_path: Path) -> None:
    async with staged(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", closes=True) as stage:
        await stage.say(get())
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "answer-cut"
    assert exchange.response is not None
    assert exchange.response.body == "half"


async def test_an_answer_to_nothing_is_a_recording_gap(tmp_path: Path) -> None:
    async with staged(tmp_path, ok() + ok(b"unasked")) as stage:
        await stage.say(get())
        first, second = await stage.exchanges()

    assert first.gap == ""
    assert second.gap == "recording-gap"


def test_a_question_to_a_target_that_refuses_is_a_gap_of_its_own() -> None:
    drafts: list[Draft] = []
    conversation = Conversation(SystemClock(), lambda _: None, drafts.append)

    conversation.received(Direction.UPSTREAM, get())
    conversation.closed(refused=True)

    assert [draft.gap for draft in drafts] == ["connection-refused"]


def test_bytes_in_any_portions_give_the_same_exchanges() -> None:
    questions = (
        get("/1", "A: b") + get("/2", method="HEAD") + get("/3", "Content-Length: 3", method="POST") + b"abc"
    )
    answers = ok() + ok().removesuffix(b'{"n": 1}') + ok(b"made", status="201 Created")

    def seen(portion: int) -> list[tuple[str, int | None, bytes, bytes]]:
        drafts: list[Draft] = []
        conversation = Conversation(SystemClock(), lambda _: None, drafts.append)
        for direction, data in ((Direction.UPSTREAM, questions), (Direction.DOWNSTREAM, answers)):
            for at in range(0, len(data), portion):
                conversation.received(direction, data[at : at + portion])
        conversation.closed(refused=False)
        assert not any(draft.gap for draft in drafts)
        return [
            (item.target, item.status, bytes(item.request_body.content), bytes(item.response_body.content))
            for item in drafts
        ]

    assert seen(1) == seen(7) == seen(100_000)
    assert [status for _, status, _, _ in seen(1)] == [200, 200, 201]


async def test_before_a_named_deployment_host_names_it_and_nothing_else_changes(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.write(ok())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    folder = RunFolder.create(tmp_path / "run")
    scribe = Scribe(Layer.FUZZ, folder.exchanges, Redactor((), b"key"))
    upstream = server.sockets[0].getsockname()[:2]
    recorder = Recorder(upstream, scribe, SystemClock(), host="staging.example")
    await recorder.start(0)
    stage = Stage(recorder, folder, heard, scribe)
    own = f"127.0.0.1:{recorder.port}"
    request = f"GET /a?host={own} HTTP/1.1\r\nHost: {own}\r\nReferer: http://{own}/\r\n\r\n".encode()

    await stage.say(request)
    (exchange,) = await stage.exchanges()
    server.close()

    assert heard == [request.replace(f"Host: {own}".encode(), b"Host: staging.example")]
    assert exchange.request.header("host") == "staging.example"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate of localhost and its key."""
    made = tmp_path / "certificate.pem", tmp_path / "key.pem"
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", made[1], "-out", made[0],
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made


async def test_a_deployment_behind_tls_is_recorded(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(*certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(ok())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=serving)
    folder = RunFolder.create(tmp_path / "run")
    scribe = Scribe(Layer.FUZZ, folder.exchanges, Redactor((), b"key"))
    trusting = ssl.create_default_context(cafile=certificate[0])
    upstream = ("localhost", server.sockets[0].getsockname()[1])
    recorder = Recorder(upstream, scribe, SystemClock(), host="localhost", tls=trusting)
    await recorder.start(0)
    stage = Stage(recorder, folder, [], scribe)

    assert (await stage.say(get("/one"), get("/two"), until=b"}")).endswith(b"}")
    exchanges = await stage.exchanges()
    server.close()

    assert [item.request.target for item in exchanges] == ["/one", "/two"]
    assert exchanges[0].response is not None
    assert exchanges[0].response.body == '{"n": 1}'


async def test_an_upstream_that_refuses_resets_the_client(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    scribe = Scribe(Layer.CHAOS, folder.exchanges, Redactor((), b"key"))
    recorder = Recorder(("127.0.0.1", 9), scribe, SystemClock())
    await recorder.start(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)

    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 5)

    writer.close()
    await recorder.stop()


async def test_every_written_line_holds_to_the_published_schema(tmp_path: Path) -> None:
    schema = json.loads(resource("contracts/schemas/exchange.schema.json").read_text())
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    async with staged(tmp_path, ok(b"\xff"), closes=True) as stage:
        stage.scribe.set_fault(active=True)
        await stage.say(get("/a", "Harness-Identity: alice", "Harness-Step: 1"))
        await stage.say(b"\x00\x01 nonsense\r\n\r\n")
        exchanges = await stage.exchanges()

    assert len(exchanges) == 2
    for line in stage.folder.exchanges.read_text().splitlines():
        validator.validate(json.loads(line))


async def test_an_early_answer_waits_for_the_question_to_end(tmp_path: Path) -> None:
    head = b"POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"

    async with staged(tmp_path, lambda data: ok(status="413 Too Large") if b"POST" in data else b"") as stage:
        await stage.say(head, b"67890")
        (exchange,) = await stage.exchanges()

    assert exchange.request.body == "1234567890"
    assert exchange.response is not None
    assert exchange.response.status == 413
    assert exchange.response.elapsed == 0


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


@asynccontextmanager
async def staged_again(scribe: Scribe, before: Stage) -> AsyncIterator[Stage]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(ok())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    recorder = Recorder(server.sockets[0].getsockname()[:2], scribe, SystemClock())
    await recorder.start(0)
    try:
        yield Stage(recorder, before.folder, [], scribe)
    finally:
        server.close()
