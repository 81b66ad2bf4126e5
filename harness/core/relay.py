"""Relays one TCP connection; a watcher sees every byte and decides when it goes on.

The recorder watches to copy, a fault proxy watches to hold bytes back; both need early bytes kept until the
upstream is dialled, half-closed connections, and a slow reader that slows the writer.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Direction(StrEnum):
    """Where bytes go: upstream to the server, downstream to the client."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"

    @property
    def opposite(self) -> "Direction":
        """The other way."""
        return Direction.DOWNSTREAM if self is Direction.UPSTREAM else Direction.UPSTREAM


class Watcher(Protocol):
    """What stands in the stream; it calls `write` and `write_eof` of the relay itself."""

    def received(self, direction: Direction, data: bytes) -> None:
        """Bytes arrived that are to go in this direction."""
        ...

    def ended(self, direction: Direction) -> None:
        """No more bytes will come for this direction."""
        ...

    def closed(self, *, refused: bool) -> None:
        """Both sides are gone; `refused` says that the upstream could never be reached."""
        ...


class Relay:
    """One accepted connection and the one dialled for it."""

    def __init__(
        self,
        upstream: tuple[str, int],
        watch: Callable[["Relay"], Watcher],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._upstream = upstream
        self._tls = tls
        self._client = _Side(self, Direction.UPSTREAM)
        self._server = _Side(self, Direction.DOWNSTREAM)
        self._early: list[bytes] = []
        self._early_eof = False
        self._refused = False
        self._dialling: asyncio.Task[None] | None = None
        self._watch = watch
        self.watcher: Watcher
        self.is_closed = False

    @property
    def accepted(self) -> asyncio.Protocol:
        """The protocol of the accepted connection, for `loop.create_server`."""
        return self._client

    def write(self, direction: Direction, data: bytes) -> None:
        """Send bytes on; they wait when the upstream is still being dialled."""
        side = self._towards(direction)
        if side.transport is not None:
            if not side.transport.is_closing():
                side.transport.write(data)
        elif direction is Direction.UPSTREAM:
            self._early.append(data)

    def write_eof(self, direction: Direction) -> None:
        """Half-close: the other direction may still be talking."""
        side = self._towards(direction)
        side.is_ended = True
        if side.transport is None:
            self._early_eof = True
        elif not side.transport.is_closing():
            # TLS has no half-close; a peer that is gone already is told of by connection_lost.
            with suppress(OSError, NotImplementedError):
                side.transport.write_eof()
        if self._client.is_ended and self._server.is_ended:
            self.close()

    def hold(self, direction: Direction, *, for_reason: str) -> None:
        """Read no more bytes for this direction until the reason is gone."""
        self._towards(direction.opposite).pause(for_reason)

    def release(self, direction: Direction, *, for_reason: str) -> None:
        """Take the reason back."""
        self._towards(direction.opposite).proceed(for_reason)

    def close(self) -> None:
        """Send what is buffered, then close both sides."""
        for side in (self._client, self._server):
            if side.transport is not None:
                side.transport.close()
        self._check_closed()

    def reset(self) -> None:
        """Drop both sides at once; their peers see a reset."""
        for side in (self._client, self._server):
            side.reset()
        dialling, self._dialling = self._dialling, None
        if dialling is not None:
            dialling.cancel()
        self._check_closed()

    def _towards(self, direction: Direction) -> "_Side":
        return self._server if direction is Direction.UPSTREAM else self._client

    def _accepted(self) -> None:
        self.watcher = self._watch(self)
        self._dialling = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self._server, *self._upstream, ssl=self._tls
            )
        except OSError:
            self._dialling = None
            self._refused = True
            self.reset()
            return
        self._dialling = None
        if self._client.is_lost:
            self.reset()

    def _dialled(self) -> None:
        """Send the early bytes before any later one can be written."""
        early, self._early = self._early, []
        for data in early:
            self.write(Direction.UPSTREAM, data)
        if self._early_eof:
            self.write_eof(Direction.UPSTREAM)

    def _lost(self, side: "_Side", problem: Exception | None) -> None:
        other = self._server if side is self._client else self._client
        if problem is not None:
            other.reset()
        elif other.transport is not None:
            other.transport.close()
        self._check_closed()

    def _check_closed(self) -> None:
        gone = self._client.is_lost and (self._server.is_lost or self._server.transport is None)
        if gone and self._dialling is None and not self.is_closed:
            self.is_closed = True
            self.watcher.closed(refused=self._refused)


class _Side(asyncio.Protocol):
    """One of the two connections; `_inbound` is where the bytes it reads are to go."""

    def __init__(self, relay: Relay, inbound: Direction) -> None:
        self._relay = relay
        self._inbound = inbound
        self._reasons: set[str] = set()
        self.transport: asyncio.Transport | None = None
        self.is_ended = False
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._reasons:
            transport.pause_reading()
        if self._inbound is Direction.UPSTREAM:
            self._relay._accepted()  # noqa: SLF001 - the two halves of one object
        else:
            self._relay._dialled()  # noqa: SLF001 - the two halves of one object

    def data_received(self, data: bytes) -> None:
        self._relay.watcher.received(self._inbound, data)

    def eof_received(self) -> bool:
        self._relay.watcher.ended(self._inbound)
        # Half-closed: our side stays open for what the other still says. TLS knows no such thing.
        return self.transport is None or self.transport.get_extra_info("ssl_object") is None

    def pause_writing(self) -> None:
        self._relay.hold(self._inbound.opposite, for_reason="slow reader")

    def resume_writing(self) -> None:
        self._relay.release(self._inbound.opposite, for_reason="slow reader")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._relay._lost(self, exc)  # noqa: SLF001 - the two halves of one object

    def pause(self, reason: str) -> None:
        self._reasons.add(reason)
        if self.transport is not None:
            self.transport.pause_reading()

    def proceed(self, reason: str) -> None:
        self._reasons.discard(reason)
        if not self._reasons and self.transport is not None:
            self.transport.resume_reading()

    def reset(self) -> None:
        if self.transport is None or self.is_lost:
            return
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            with suppress(OSError):  # it was closed under us
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
