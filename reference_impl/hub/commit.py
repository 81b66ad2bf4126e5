"""Group commit: writers that arrive together share one transaction and one fsync."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")


class GroupCommit(Generic[Row]):
    """Hand rows in; `submit` returns only when they are committed, and raises when they are not."""

    def __init__(self, write: Callable[[Sequence[Row]], Awaitable[None]], *, largest: int = 500) -> None:
        self._write = write
        self._largest = largest
        self._pending: deque[tuple[Sequence[Row], asyncio.Future[None]]] = deque()
        self._flusher: asyncio.Task[None] | None = None

    async def submit(self, rows: Sequence[Row]) -> None:
        """Wait until these rows are durable."""
        committed = asyncio.get_running_loop().create_future()
        self._pending.append((rows, committed))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        await committed

    async def _flush(self) -> None:
        while self._pending:
            group = self._take()
            try:
                await self._write([row for rows, _ in group for row in rows])
            except Exception:  # noqa: BLE001 - handed to every writer below, none is told it was saved
                await self._write_one_by_one(group)
            else:
                for _, committed in group:
                    _resolve(committed, None)

    def _take(self) -> list[tuple[Sequence[Row], asyncio.Future[None]]]:
        group: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        size = 0
        while self._pending and (not group or size + len(self._pending[0][0]) <= self._largest):
            entry = self._pending.popleft()
            size += len(entry[0])
            group.append(entry)
        return group

    async def _write_one_by_one(self, group: Sequence[tuple[Sequence[Row], asyncio.Future[None]]]) -> None:
        """One bad row must not fail its neighbours: each writer gets its own transaction."""
        for rows, committed in group:
            try:
                await self._write(rows)
            except Exception as error:  # noqa: BLE001 - the writer that waits for this future gets it
                _resolve(committed, error)
            else:
                _resolve(committed, None)


def _resolve(committed: asyncio.Future[None], error: Exception | None) -> None:
    if committed.done():  # the writer went away meanwhile
        return
    if error is None:
        committed.set_result(None)
        return
    committed.set_exception(error)
