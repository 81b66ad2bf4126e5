"""A link: a listening port in front of an upstream, on which toxics may act. Without one it only relays."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from harness.core.relay import Direction, Relay
from harness.faults.registry import checked
from harness.faults.toxic import Chunk, Ending, Injection, Shaping, Striking, Toxic

_HIGH_WATER = 1 << 20


@dataclass(slots=True, kw_only=True, eq=False)
class _Active:
    """An injected toxic; `healed` wakes everything that waits because of it."""

    toxic: Toxic
    attributes: Mapping[str, float]
    injection: Injection
    healed: asyncio.Event = field(default_factory=asyncio.Event)
    fired: int = 0


class Link:
    """Use it inside one event loop; `inject` and `heal` act on open connections, too."""

    def __init__(self, name: str, upstream: tuple[str, int], *, seed: int = 0) -> None:
        self.name = name
        self._upstream = upstream
        self._random = random.Random(f"{seed}:{name}")  # noqa: S311 - reproducible faults, no secrets
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._active: tuple[_Active, ...] = ()
        self._counts: Counter[str] = Counter()
        self._fired_before = 0
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Relay(self._upstream, self._watch).accepted, "127.0.0.1", port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        cancelled: list[asyncio.Task[None]] = []
        for connection in tuple(self._open):
            cancelled.extend(connection.cancel())
            connection.relay.reset()
        await asyncio.gather(*cancelled, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports say that they are gone

    def inject(self, injection: Injection) -> None:
        """Add a toxic; raises UsageProblem when there is no such one. `fired` starts anew on a clean link."""
        toxic, attributes = checked(injection)
        if not self._active:
            self._fired_before = self._counts["fired"]
        active = _Active(toxic=toxic, attributes=attributes, injection=injection)
        self._active = (*self._active, active)
        for connection in tuple(self._open):
            connection.feel(active)

    def heal(self) -> None:
        """Take every toxic away; bytes that wait go on at once."""
        healed, self._active = self._active, ()
        for active in healed:
            active.healed.set()
        for connection in self._open:
            connection.recover()

    def counters(self) -> Mapping[str, object]:
        """Return what went through; `fired` counts since the first toxic on a clean link."""
        return {
            "name": self.name,
            "port": self.port,
            "upstream": f"{self._upstream[0]}:{self._upstream[1]}",
            "connections": self._counts["connections"],
            "open": len(self._open),
            "refused_by_upstream": self._counts["refused"],
            "bytes_upstream": self._counts[Direction.UPSTREAM.value],
            "bytes_downstream": self._counts[Direction.DOWNSTREAM.value],
            "fired": self._counts["fired"] - self._fired_before,
            "fired_in_all": self._counts["fired"],
            "toxics": [
                {
                    "type": active.toxic.id,
                    "attributes": dict(active.attributes),
                    "toxicity": active.injection.toxicity,
                    "fired": active.fired,
                }
                for active in self._active
            ],
        }

    def _watch(self, relay: Relay) -> "_Connection":
        connection = _Connection(self, relay)
        self._open.add(connection)
        self._counts["connections"] += 1
        for active in self._active:
            connection.feel(active)
        return connection

    def forget(self, connection: "_Connection", *, refused: bool) -> None:
        """A connection is gone."""
        self._open.discard(connection)
        self._counts["refused"] += refused

    def count(self, direction: Direction, size: int) -> None:
        """Bytes arrived."""
        self._counts[direction.value] += size

    def fired(self, active: _Active) -> None:
        """An effect was felt."""
        active.fired += 1
        self._counts["fired"] += 1

    def draw(self) -> float:
        """Return the link's next random number."""
        return self._random.random()


class _Felt:
    """A toxic on one connection: the Stream its effects see."""

    def __init__(self, link: Link, relay: Relay, active: _Active) -> None:
        self._link = link
        self._relay = relay
        self._active = active

    def fired(self) -> None:
        self._link.fired(self._active)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def random(self) -> float:
        return self._link.draw()

    async def sleep(self, seconds: float) -> bool:
        if seconds <= 0:
            return not self._active.healed.is_set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._active.healed.wait(), seconds)
        return not self._active.healed.is_set()

    def reset(self) -> None:
        self._relay.reset()

    def close(self) -> None:
        self._relay.close()


class _Connection:
    """One relayed connection: a pipe for each direction."""

    def __init__(self, link: Link, relay: Relay) -> None:
        self._link = link
        self._tasks: set[asyncio.Task[None]] = set()
        self._pipes = {direction: _Pipe(self, relay, direction) for direction in Direction}
        self.relay = relay

    def received(self, direction: Direction, data: bytes) -> None:
        self._link.count(direction, len(data))
        self._pipes[direction].push(data)

    def ended(self, direction: Direction) -> None:
        self._pipes[direction].end()

    def closed(self, *, refused: bool) -> None:
        self.cancel()
        self._link.forget(self, refused=refused)

    def feel(self, active: _Active) -> None:
        """Put a toxic on this connection, unless chance spares it."""
        if self._link.draw() >= active.injection.toxicity:
            return
        felt = _Felt(self._link, self.relay, active)
        struck = False
        for direction in active.injection.directions:
            effect = active.toxic.create(active.attributes)
            if isinstance(effect, Shaping):
                self._pipes[direction].effects.append((effect, felt))
            if isinstance(effect, Striking) and not struck:
                self.run(effect.strike(felt))
                struck = True

    def recover(self) -> None:
        """Feel nothing any more."""
        for pipe in self._pipes.values():
            pipe.effects.clear()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the reading."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> tuple[asyncio.Task[None], ...]:
        """Stop everything that still waits, and return it."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        return tasks


class _Pipe:
    """One direction: straight through while nothing acts on it, else in order through every effect."""

    def __init__(self, connection: _Connection, relay: Relay, direction: Direction) -> None:
        self._connection = connection
        self._relay = relay
        self._direction = direction
        self._waiting: deque[Chunk | None] = deque()
        self._size = 0
        self._is_draining = False
        self.effects: list[tuple[Shaping, _Felt]] = []

    def push(self, data: bytes) -> None:
        if not self.effects and not self._is_draining:
            self._relay.write(self._direction, data)
            return
        self._size += len(data)
        if self._size > _HIGH_WATER:
            self._relay.hold(self._direction, for_reason="toxic")
        self._enqueue(Chunk(data=data, arrived=asyncio.get_running_loop().time()))

    def end(self) -> None:
        if self.effects or self._is_draining:
            self._enqueue(None)
        else:
            self._relay.write_eof(self._direction)

    def _enqueue(self, item: Chunk | None) -> None:
        self._waiting.append(item)
        if not self._is_draining:
            self._is_draining = True
            self._connection.run(self._drain())

    async def _drain(self) -> None:
        while self._waiting:
            item = self._waiting.popleft()
            if item is None:
                await self._end()
                continue
            await self._apply(tuple(self.effects), item)
            self._size -= len(item.data)
            if self._size <= _HIGH_WATER // 2:
                self._relay.release(self._direction, for_reason="toxic")
        self._is_draining = False

    async def _end(self) -> None:
        for effect, felt in tuple(self.effects):
            if isinstance(effect, Ending):
                await effect.hold_end(felt)
        self._relay.write_eof(self._direction)

    async def _apply(self, effects: tuple[tuple[Shaping, _Felt], ...], chunk: Chunk) -> None:
        if not effects:
            self._relay.write(self._direction, chunk.data)
            return
        (effect, felt), rest = effects[0], effects[1:]
        await effect.shape(chunk, felt, lambda shaped: self._apply(rest, shaped))
