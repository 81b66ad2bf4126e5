"""What a toxic is; every file in harness/faults/toxics exports one as TOXIC.

Names, attributes and units are Toxiproxy's, so that what users know keeps its meaning.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from harness.core.relay import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Bytes on their way, and the loop's time at which they arrived."""

    data: bytes
    arrived: float


Forward = Callable[[Chunk], Awaitable[None]]


class Stream(Protocol):
    """The connection as an effect sees it."""

    def fired(self) -> None:
        """Count that the effect was felt; an experiment's proof hangs on it."""
        ...

    def now(self) -> float:
        """Return the loop's time."""
        ...

    def random(self) -> float:
        """Return a number in [0, 1), the same ones for the same seed."""
        ...

    async def sleep(self, seconds: float) -> bool:
        """Wait; False when the toxic was taken away meanwhile."""
        ...

    def reset(self) -> None:
        """Drop the connection so that both peers see a reset."""
        ...

    def close(self) -> None:
        """Close the connection after what is buffered."""
        ...


@runtime_checkable
class Shaping(Protocol):
    """An effect on bytes: it forwards them, later, in pieces or not at all."""

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:
        """Do it to one chunk."""
        ...


@runtime_checkable
class Striking(Protocol):
    """An effect on a connection as a whole, begun when it opens or when the toxic comes."""

    async def strike(self, stream: Stream) -> None:
        """Do it to the connection."""
        ...


@runtime_checkable
class Ending(Protocol):
    """An effect that also acts when one side says that it has no more bytes."""

    async def hold_end(self, stream: Stream) -> None:
        """Return when the end may go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A number a toxic takes; `least` is the smallest allowed value."""

    default: float
    unit: str
    summary: str
    least: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """A kind of fault. `create` makes the effect on one direction of one connection."""

    id: str
    summary: str
    create: Callable[[Mapping[str, float]], Shaping | Striking]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A toxic as it is asked for: which, how strong, on which share of connections, in which directions."""

    type: str
    attributes: Mapping[str, float] = field(default_factory=dict)
    toxicity: float = 1.0
    directions: tuple[Direction, ...] = (Direction.DOWNSTREAM,)
