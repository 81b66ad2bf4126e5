"""The hub's decisions as small named objects, so that each can be replaced alone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from reference_impl.hub.models import Draft, Failure, FailureKind, Outcome, Reach, Waiting
from reference_impl.kit.access import Principal
from reference_impl.kit.http import Random, RetryPolicy

ADMIN = "hub:admin"


class Acknowledge(Protocol):
    """When an enqueue may be answered."""

    async def __call__(self, commit: Callable[[], Awaitable[None]]) -> None: ...


class PriorityOrder(Protocol):
    """Which of the waiting messages go first."""

    def __call__(self, waiting: Sequence[Waiting], now: float, limit: int) -> Sequence[Waiting]: ...


class Backoff(Protocol):
    """How many seconds to wait before the next attempt."""

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float: ...


class Retryable(Protocol):
    """Whether another attempt can help."""

    def __call__(self, failure: Failure) -> bool: ...


class Exhausted(Protocol):
    """Whether a message has had all the attempts it gets."""

    def __call__(self, attempts: int, max_attempts: int) -> bool: ...


class Admission(Protocol):
    """Which drafts of one request are taken on; raises when the request is refused."""

    def __call__(self, drafts: Sequence[Draft], check: Callable[[Draft], None]) -> Sequence[Draft]: ...


class DeadLetterReason(Protocol):
    """The words a dead letter carries."""

    def __call__(self, failure: Failure, attempts: int, max_attempts: int) -> str: ...


class Settlement(Protocol):
    """In which order a delivery happens and is written down."""

    async def __call__(
        self,
        deliver: Callable[[], Awaitable[Outcome]],
        settle: Callable[[Outcome], Awaitable[None]],
    ) -> None: ...


class Ownership(Protocol):
    """Whose messages a caller may see and change."""

    def reach(self, principal: Principal) -> Reach: ...

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool: ...


async def acknowledge_after_commit(commit: Callable[[], Awaitable[None]]) -> None:
    """Answer only when the rows are on disk."""
    await commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictPriority:
    """CRITICAL before HIGH before NORMAL before LOW, oldest first within a class.

    Aging: a message rises by one class for every `aging_seconds` it has been ready, so that LOW
    under a flood of CRITICAL is CRITICAL after three steps and, being the older, goes first.
    """

    aging_seconds: float = 300.0

    def __call__(self, waiting: Sequence[Waiting], now: float, limit: int) -> Sequence[Waiting]:
        return sorted(waiting, key=lambda item: self._rank(item, now))[:limit]

    def _rank(self, item: Waiting, now: float) -> tuple[int, float, int, int]:
        risen = int(max(0.0, now - item.available_at) // self.aging_seconds)
        rank = item.priority.rank
        return max(0, rank - risen), item.available_at, rank, item.sequence


_TRANSIENT = frozenset(
    {
        FailureKind.TIMEOUT,
        FailureKind.CONNECTION,
        FailureKind.THROTTLED,
        FailureKind.SERVER_ERROR,
        FailureKind.BREAKER_OPEN,
        FailureKind.WORKER_LOST,
    }
)


def retry_transient(failure: Failure) -> bool:
    """Retry what may pass by itself; a refusal stays a refusal."""
    return failure.kind in _TRANSIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class JitteredBackoff:
    """Exponential backoff with full jitter; a receiver's Retry-After is the least wait, up to a cap."""

    retry: RetryPolicy
    longest_retry_after: float = 3600.0

    def __call__(self, attempt: int, failure: Failure, random: Random) -> float:
        jittered = self.retry.delay(attempt, random)
        if failure.retry_after is None:
            return jittered
        return max(jittered, min(failure.retry_after, self.longest_retry_after))


def at_maximum(attempts: int, max_attempts: int) -> bool:
    """No message is tried more often than its sender allowed."""
    return attempts >= max_attempts


def all_or_none(drafts: Sequence[Draft], check: Callable[[Draft], None]) -> Sequence[Draft]:
    """One draft that cannot be sent refuses the whole request."""
    for draft in drafts:
        check(draft)
    return drafts


def reason_from_failure(failure: Failure, attempts: int, max_attempts: int) -> str:
    """Say what the last attempt failed of and how many were made."""
    return f"{failure.kind.value} after {attempts} of {max_attempts} attempts: {failure.detail}"


async def deliver_then_settle(
    deliver: Callable[[], Awaitable[Outcome]],
    settle: Callable[[Outcome], Awaitable[None]],
) -> None:
    """Write the outcome down only when the channel has answered: a crash between repeats, never loses."""
    await settle(await deliver())


class OwnMessagesUnlessAdmin:
    """A caller reaches its own messages; hub:admin reaches its tenant's."""

    def reach(self, principal: Principal) -> Reach:
        return Reach(
            tenant=principal.tenant, owner=None if ADMIN in principal.permissions else principal.subject
        )

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool:
        reach = self.reach(principal)
        return tenant == reach.tenant and reach.owner in {None, owner}
