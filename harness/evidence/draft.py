"""An exchange while it is being recorded: what was seen so far, secrets and all; it never leaves memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Headers = tuple[tuple[bytes, bytes], ...]

#: What of a body is kept in memory: the part that is recorded, and enough after it that a secret on the cut
#: is still seen whole.
KEPT = (64 + 8) * 1024


@dataclass(slots=True)
class Body:
    """A body: its size, and its beginning; `watch` sees all of it."""

    content: bytearray = field(default_factory=bytearray)
    size: int = 0
    watch: Callable[[bytes | bytearray], None] | None = None

    def add(self, data: bytes | bytearray) -> None:
        """Append what arrived."""
        self.size += len(data)
        if self.watch is not None:
            self.watch(data)
        if len(self.content) < KEPT:
            self.content += data[: KEPT - len(self.content)]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return self.size == len(self.content)


@dataclass(slots=True, kw_only=True)
class Draft:
    """One question and what is known of its answer.

    `gap` says why it is not a whole exchange; `raw` is the head of a question no parser takes.
    """

    method: str
    target: str
    started: datetime
    request_headers: Headers = ()
    request_body: Body = field(default_factory=Body)
    request_end: float | None = None
    raw: bytes = b""
    status: int | None = None
    response_headers: Headers = ()
    response_body: Body = field(default_factory=Body)
    response_start: float = 0.0
    is_answered: bool = False
    is_upgrade: bool = False
    gap: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    fault_epoch: int = 0

    def request_header(self, name: bytes) -> str:
        """Return the first value of a header of the question, by its lower-case name."""
        return _first(self.request_headers, name)

    def response_header(self, name: bytes) -> str:
        """Return the first value of a header of the answer, by its lower-case name."""
        return _first(self.response_headers, name)

    @property
    def is_event_stream(self) -> bool:
        """Whether the answer is a stream of server-sent events, which need not ever end."""
        return self.response_header(b"content-type").lower().startswith("text/event-stream")


def _first(headers: Headers, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")
