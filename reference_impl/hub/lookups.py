"""Name look-ups for deliveries: one at a time per name, and one that gave no answer is left alone a while."""

import asyncio
from collections.abc import Sequence

from reference_impl.hub.addresses import LookupFailed
from reference_impl.hub.ports import Resolver
from reference_impl.kit.clock import Clock

_SECONDS = 3.0
_PAUSE_SECONDS = 30.0
_MOST = 1000


class SharedLookups:
    """A resolver in front of a resolver.

    A resolver that cannot reach its server takes seconds to say so. Without this, messages to one such name
    would hold every slot of a worker, and those to other receivers would wait behind them.
    """

    def __init__(
        self, resolve: Resolver, *, clock: Clock, seconds: float = _SECONDS, pause: float = _PAUSE_SECONDS
    ) -> None:
        self._resolve = resolve
        self._clock = clock
        self._seconds = seconds
        self._pause = pause
        self._running: dict[tuple[str, int], asyncio.Task[Sequence[str]]] = {}
        self._silent_until: dict[tuple[str, int], float] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a name; raises LookupFailed when nobody answers, or lately did not."""
        name = (host, port)
        if self._silent_until.get(name, 0.0) > self._clock.monotonic():
            raise LookupFailed
        running = self._running.get(name)
        if running is None:
            running = self._running[name] = asyncio.create_task(self._look_up(name))
            running.add_done_callback(lambda done: self._ended(name, done))
        return await asyncio.shield(running)

    async def _look_up(self, name: tuple[str, int]) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._resolve(*name)
        except (LookupFailed, TimeoutError):
            self._remember(name)
            raise LookupFailed from None

    def _ended(self, name: tuple[str, int], done: asyncio.Task[Sequence[str]]) -> None:
        del self._running[name]
        if not done.cancelled():
            done.exception()  # seen, even when everybody who waited for it has gone

    def _remember(self, name: tuple[str, int]) -> None:
        """Names come from outside, so their number is bounded: the oldest goes."""
        if len(self._silent_until) >= _MOST:
            del self._silent_until[next(iter(self._silent_until))]
        self._silent_until[name] = self._clock.monotonic() + self._pause
