"""Questions and answers between the harness and a helper process of its own, one JSON line each.

The helper's end of the channel is also its life line: when it closes, the helper ends.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harness.core.errors import HarnessFault, UsageProblem

_LONGEST_LINE = 1 << 24

Handler = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Channel:
    """Our end; `ask` may be called from any thread."""

    def __init__(self, name: str, connection: socket.socket, *, seconds: float = 10.0) -> None:
        self._name = name
        self._connection = connection
        self._connection.settimeout(seconds)
        self._reader = connection.makefile("rb")
        self._lock = threading.Lock()

    def ask(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Return the helper's answer; raises UsageProblem when it refuses, HarnessFault when it is gone."""
        question = json.dumps({"operation": operation, **arguments}).encode() + b"\n"
        try:
            with self._lock:
                self._connection.sendall(question)
                line = self._reader.readline()
        except OSError as problem:
            raise HarnessFault(f"the {self._name} does not answer: {problem}") from problem
        if not line:
            raise HarnessFault(f"the {self._name} has ended", remedy="Its log says why.")
        answer: Mapping[str, Any] = json.loads(line)
        if "refused" in answer:
            raise UsageProblem(answer["refused"], remedy=answer.get("remedy", ""))
        if "failed" in answer:
            raise HarnessFault(f"the {self._name} failed: {answer['failed']}")
        return answer

    def close(self) -> None:
        """Let the helper end."""
        self._reader.close()
        self._connection.close()


async def serve(connection: socket.socket, handle: Handler) -> None:
    """Answer questions until the harness closes its end, however it ends."""
    reader, writer = await asyncio.open_connection(sock=connection, limit=_LONGEST_LINE)
    while line := await reader.readline():
        question: dict[str, Any] = json.loads(line)
        operation = question.pop("operation")
        answer = await _answer(handle, operation, question)
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


async def _answer(handle: Handler, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return await handle(operation, arguments)
    except UsageProblem as problem:
        return {"refused": problem.message, "remedy": problem.remedy}
    except (HarnessFault, OSError, KeyError) as problem:
        return {"failed": f"{type(problem).__name__}: {problem}"}
