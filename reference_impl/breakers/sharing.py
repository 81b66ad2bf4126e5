"""Breakers of several processes agree through Redis: what opens in one is open in all.

Every change of state goes into a hash (what holds now), onto a channel (so that others look at once) and
into a bounded stream (so that listeners can catch up). Without Redis every process goes by itself.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.breakers.library.states import Reason, State, StateChanged
from reference_impl.breakers.registry import BreakerRegistry, family_of
from reference_impl.kit.clock import Clock

SHARED = "breakers:shared"
STREAM = "breakers:events"
_CHANNEL = "breakers:changed"
_CONFIGURED = b"configured"
_LOOK_SECONDS = 0.5
_RETRY_SECONDS = 0.5
_KEPT_EVENTS = 1000
_OUTBOX = 1000
_FORGOTTEN_AFTER = 24 * 3600.0
_log = logging.getLogger(__name__)
Sink = Callable[[StateChanged], Awaitable[None]]


class Outbox:
    """Takes changes of state from inside a call, which must not wait; the oldest give way."""

    def __init__(self) -> None:
        self._changes: deque[StateChanged] = deque(maxlen=_OUTBOX)
        self._filled = asyncio.Event()

    def hear(self, change: StateChanged) -> None:
        """A listener for breakers; what came from another process is not sent back."""
        if change.reason is not Reason.SHARED:
            self._changes.append(change)
            self._filled.set()

    async def next(self) -> StateChanged:
        while not self._changes:
            self._filled.clear()
            await self._filled.wait()
        return self._changes.popleft()


class Sharing:
    """Sends this process's changes to Redis and takes over those of others."""

    def __init__(
        self,
        *,
        redis: Redis,
        registry: BreakerRegistry,
        outbox: Outbox,
        clock: Clock,
        process: str,
        sink: Sink,
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        self._redis = redis
        self._registry = registry
        self._outbox = outbox
        self._clock = clock
        self._process = process
        self._sink = sink
        self._reload = reload
        self._seen: dict[str, str] = {}

    async def send(self) -> None:
        """Background: send every change, in order."""
        while True:
            change = await self._outbox.next()
            await self._sink(change)
            try:
                await self._publish(change)
            except (RedisError, OSError) as error:
                _log.warning("breaker change not shared", extra={"reason": type(error).__name__})

    async def follow(self) -> None:
        """Background: look at what others share whenever they say so, and twice a second anyway."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError):
                await asyncio.sleep(_RETRY_SECONDS)

    async def configured(self) -> None:
        """Tell the other processes to read the configurations again."""
        try:
            await self._redis.publish(_CHANNEL, _CONFIGURED)
        except (RedisError, OSError) as error:
            _log.warning("breaker configuration not announced", extra={"reason": type(error).__name__})

    async def take_over(self) -> None:
        """Apply what others shared since the last look."""
        for name, value in (await self._redis.hgetall(SHARED)).items():
            key, entry = _text(name), _text(value)
            if self._seen.get(key) != entry:
                self._seen[key] = entry
                await self._apply(key, json.loads(entry))

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(_CHANNEL)
            while True:
                await self.take_over()
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=_LOOK_SECONDS)
                if message is not None and message["data"] == _CONFIGURED:
                    await self._reload()

    async def _publish(self, change: StateChanged) -> None:
        now = self._clock.now()
        entry = json.dumps(
            {
                "state": change.after.value,
                "until": now.timestamp() + change.cooldown_seconds,
                "at": now.timestamp(),
                "by": self._process,
            }
        )
        event = json.dumps(
            {
                "breaker": family_of(change.breaker),
                "before": change.before.value,
                "after": change.after.value,
                "reason": change.reason.value,
                "calls": change.counts.calls,
                "failures": change.counts.failures,
                "at": now.isoformat(),
            }
        )
        self._seen[change.breaker] = entry
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(SHARED, change.breaker, entry)
            pipe.xadd(STREAM, {"event": event}, maxlen=_KEPT_EVENTS, approximate=True)
            pipe.publish(_CHANNEL, change.breaker)
            await pipe.execute()

    async def _apply(self, key: str, entry: Mapping[str, object]) -> None:
        now = self._clock.now().timestamp()
        at, until = float(str(entry["at"])), float(str(entry["until"]))
        if now - at > _FORGOTTEN_AFTER:
            await self._redis.hdel(SHARED, key)
            return
        if entry["by"] == self._process:
            return
        breaker = self._registry.at(key)
        match State(str(entry["state"])):
            case State.OPEN if until > now:
                breaker.trip(seconds=until - now, reason=Reason.SHARED)
            case State.CLOSED if breaker.state is not State.CLOSED:
                breaker.reset(reason=Reason.SHARED)
            case _:
                return


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
