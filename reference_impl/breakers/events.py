"""Changes of state as server-sent events, read from the stream that all processes write."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.breakers.errors import EventsUnavailable
from reference_impl.breakers.sharing import STREAM
from reference_impl.kit.clock import Clock

_WAIT_MILLISECONDS = 500  # less than the time that any answer of Redis may take
_LISTENERS = 50
_BATCH = 100
_START = "0-0"
_RETRY_MILLISECONDS = 1000


class EventFeed:
    """Streams end by themselves; a client comes back with Last-Event-ID and misses nothing that is kept."""

    def __init__(self, *, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._listeners = 0

    async def start(self, last_event_id: str | None, seconds: float) -> AsyncIterator[bytes]:
        """Return the stream from the event after the given one on, or from now on."""
        if self._listeners >= _LISTENERS:
            raise EventsUnavailable
        try:
            place = last_event_id or await self._newest()
        except (RedisError, OSError) as error:
            raise EventsUnavailable from error
        return self._stream(place, seconds)

    async def _stream(self, place: str, seconds: float) -> AsyncIterator[bytes]:
        until = self._clock.monotonic() + seconds
        async with self._counted():
            yield f"retry: {_RETRY_MILLISECONDS}\n: breakers\n\n".encode()
            while (left := until - self._clock.monotonic()) > 0:
                wait = max(1, min(_WAIT_MILLISECONDS, int(left * 1000)))
                try:
                    found = await self._redis.xread({STREAM: place}, count=_BATCH, block=wait)
                except (RedisError, OSError):
                    return
                if not found:
                    yield b": still here\n\n"
                for identity, event in _events(found):
                    place = identity
                    yield f"event: state-changed\nid: {identity}\ndata: {event}\n\n".encode()

    async def _newest(self) -> str:
        newest: Any = await self._redis.xrevrange(STREAM, count=1)
        return _text(newest[0][0]) if newest else _START

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1


def _events(found: Any) -> Iterator[tuple[str, str]]:
    """The ids and events in an answer to XREAD of one stream."""
    for _, entries in found:
        for identity, members in entries:
            yield _text(identity), _text(members[b"event"])


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
