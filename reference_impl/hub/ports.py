"""What the hub needs from outside and what its own parts promise one another."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from reference_impl.hub.models import (
    Attempt,
    ChannelHealth,
    Message,
    Outcome,
    QueueDepth,
    Reach,
    Selection,
    Verdict,
    Waiting,
)
from reference_impl.kit.http import Guard

Secrets = Callable[[], Awaitable[Sequence[bytes]]]
Guards = Callable[[str], Guard]
"""The breaker that stands around one destination of one channel."""
Choose = Callable[[Sequence[Waiting]], Sequence[Waiting]]


class Resolver(Protocol):
    """Names to addresses; a name that does not exist has none. Raises LookupFailed when nobody answers."""

    async def __call__(self, host: str, port: int) -> Sequence[str]: ...


class Channel(Protocol):
    """One way to reach people or systems."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    def check_recipient(self, recipient: str) -> None:
        """Raise RecipientRefused when this channel can never send there."""

    async def deliver(self, message: Message) -> Outcome: ...

    async def health(self) -> ChannelHealth: ...


ChannelTable = Mapping[str, Channel]


class MessageStore(Protocol):
    """The callers' side of the job table."""

    async def enqueue(self, messages: Sequence[Message]) -> None: ...

    async def get(self, message_id: str, reach: Reach) -> Message | None: ...

    async def attempts(self, message_id: str) -> Sequence[Attempt]: ...

    async def select(
        self, reach: Reach, selection: Selection, *, before: int | None, limit: int
    ) -> Sequence[Message]: ...

    async def depths(self, reach: Reach | None, now: float) -> Sequence[QueueDepth]: ...

    async def cancel(self, message_id: str, *, at: float) -> bool: ...

    async def redrive(self, message_id: str, *, at: float) -> bool: ...


class LeaseStore(Protocol):
    """The workers' side of the job table."""

    async def has_work(self, now: float) -> bool: ...

    async def claim(
        self, choose: Choose, *, worker: str, now: float, lease_until: float, limit: int
    ) -> Sequence[Message]: ...

    async def claim_one(self, message_id: str, *, worker: str, lease_until: float) -> Message | None: ...

    async def extend(self, ids: Sequence[str], *, worker: str, lease_until: float) -> None: ...

    async def expired(self, now: float) -> Sequence[Message]: ...

    async def settle(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool: ...

    async def reclaim(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool: ...

    async def release(self, *, worker: str, now: float) -> None: ...
