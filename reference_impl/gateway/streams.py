"""Event streams never end by themselves; a server that drains ends them."""

import asyncio

from starlette.types import Message


def is_event_stream(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream") for name, value in start["headers"]
    )


class Streams:
    """The tasks that send event streams now."""

    def __init__(self) -> None:
        self._open: set[asyncio.Task[object]] = set()
        self._cut: set[asyncio.Task[object]] = set()

    def remember(self, request: asyncio.Task[object] | None) -> None:
        """Note the request's own task: frameworks send from a child that ends quietly when cancelled."""
        if request is not None:
            self._open.add(request)

    def forget(self) -> None:
        if (task := asyncio.current_task()) is not None:
            self._open.discard(task)
            self._cut.discard(task)

    def was_cut(self) -> bool:
        """Whether the current task was cancelled by us and not by somebody else."""
        return asyncio.current_task() in self._cut

    def end_all(self) -> None:
        """Let every client go; it will come back to a server that stays."""
        for task in tuple(self._open):
            self._cut.add(task)
            task.cancel()
