"""A recorder on a stage: a toy upstream, a recorder before it, and what it wrote."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from harness.core.clock import SystemClock
from harness.core.exchange import Exchange
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.evidence.guarded import Guard
from harness.evidence.recorder import Recorder
from harness.evidence.scribe import Scribe
from harness.evidence.store import RunFolder

CANARY = "c4nary/s3cret+value"


class Stage:
    """A recorder in front of a server that answers each connection with the given bytes."""

    def __init__(self, recorder: Recorder, folder: RunFolder, heard: list[bytes], scribe: Scribe) -> None:
        self.recorder = recorder
        self.folder = folder
        self.heard = heard
        self.scribe = scribe
        self._is_stopped = False

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
            with suppress(OSError):  # it may be reset already
                writer.write_eof()
                return await asyncio.wait_for(reader.read(), 5)
            return b""
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def stop(self) -> None:
        if not self._is_stopped:
            self._is_stopped = True
            await self.recorder.stop()

    async def exchanges(self) -> list[Exchange]:
        await self.stop()
        return list(self.folder.read_exchanges())


Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def staged(
    tmp_path: Path,
    answer: bytes | Answer,
    *,
    closes: bool = False,
    secrets: tuple[str, ...] = (CANARY,),
    guard: Guard | None = None,
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
    recorder = Recorder(server.sockets[0].getsockname()[:2], scribe, SystemClock(), guard=guard)
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
