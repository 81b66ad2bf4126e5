"""What happens between start and end of a process: redis, migrations, start-up hooks, background tasks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from reference_impl.kit.composition import Background, Kit, close_kit
from reference_impl.kit.redis import EmbeddedRedis, EmbeddedRedisFailed
from reference_impl.migrations.runner import migrate

_RESTART_SECONDS = 1.0


class Lifecycle:
    """Runs the given hooks and tasks around the time in which the process serves."""

    def __init__(
        self,
        kit: Kit,
        *,
        startup: Sequence[Background],
        background: Sequence[Background],
        shutdown: Sequence[Background],
    ) -> None:
        self._kit = kit
        self._startup = tuple(startup)
        self._background = tuple(background)
        self._shutdown = tuple(shutdown)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        embedded = EmbeddedRedis(self._kit.settings) if self._kit.settings.redis_is_embedded else None
        tasks: list[asyncio.Task[None]] = []
        try:
            if embedded is not None:
                await self._start_redis(embedded)
            if self._kit.database.is_sqlite:
                await migrate(self._kit.database)
            for hook in self._startup:
                await hook()
            tasks += [asyncio.create_task(self._supervise(each)) for each in self._background]
            yield
        finally:
            await self._end(tasks)
            await close_kit(self._kit)
            if embedded is not None:
                await embedded.stop()

    async def _start_redis(self, embedded: EmbeddedRedis) -> None:
        """Without Redis the rest goes on; the watcher keeps trying to bring it up."""
        try:
            await embedded.start()
        except EmbeddedRedisFailed as failure:
            self._kit.logger.warning("redis is down at start", extra={"reason": str(failure)})

    async def _supervise(self, background: Background) -> None:
        """Run the task again when it fails: a passing fault must not end it for good."""
        while True:
            try:
                await background()
            except Exception:
                self._kit.logger.exception("background task failed")
                await asyncio.sleep(_RESTART_SECONDS)
            else:
                return

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._kit.settings.drain_seconds + 1.0)
        for hook in self._shutdown:
            with contextlib.suppress(Exception):
                await hook()
