"""The recorder relays bytes untouched and writes down every exchange, or a gap that says what is missing."""

import asyncio
import json
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.core.clock import SystemClock
from harness.core.exchange import Protocol
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.relay import Direction
from harness.core.resources import resource
from harness.evidence.conversation import Conversation
from harness.evidence.draft import Draft
from harness.evidence.recorder import Recorder
from harness.evidence.scribe import Scribe
from harness.evidence.store import RunFolder
from tests.harness.evidence.staging import CANARY, Stage, get, ok, staged


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


async def test_a_renewed_credential_is_sent_in_the_place_of_the_dead_one(tmp_path: Path) -> None:
    old, new = ({"Authorization": f"Bearer {name}-credential-0815"} for name in ("dead", "fresh"))
    body = b"Authorization: Bearer dead-credential-0815\r\n"

    async with staged(tmp_path, ok()) as stage:
        await stage.recorder.handle("know", {"secrets": [], "sessions": {"alice": old}})
        await stage.recorder.handle("renew", {"identity": "alice", "old": old, "new": new})
        head = (f"Authorization: {old['Authorization']}", f"Content-Length: {len(body)}")
        await stage.say(get("/items", *head, method="POST") + body)
        (exchange,) = await stage.exchanges()

    (heard,) = stage.heard
    assert b"Authorization: Bearer fresh-credential-0815\r\n" in heard
    assert heard.endswith(b"\r\n\r\n" + body)
    assert exchange.identity == "alice"
    assert "fresh-credential-0815" not in stage.folder.exchanges.read_text()


async def test_refusals_in_a_row_are_counted_per_credential(tmp_path: Path) -> None:
    refused = ok(b"{}", status="401 Unauthorized")
    alice = {"Authorization": "Bearer alices-credential"}

    async with staged(tmp_path, lambda data: ok() if b"/good" in data else refused) as stage:
        await stage.recorder.handle("know", {"secrets": [], "sessions": {"alice": alice}})
        header = f"Authorization: {alice['Authorization']}"
        for path in ("/a", "/good", "/b", "/c"):
            await stage.say(get(path, header))
        await stage.say(get("/d"))
        counters = await stage.recorder.handle("counters", {})
        await stage.stop()

    assert counters["refusals"] == {"alice": 2}
