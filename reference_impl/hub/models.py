"""What the hub speaks of: messages, priorities, states, attempts, failures."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Priority(StrEnum):
    """Four classes, the most urgent first."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    NORMAL = "NORMAL"
    LOW = "LOW"

    @property
    def rank(self) -> int:
        """0 goes first; ranks are what is stored and compared."""
        return _RANKS[self]

    @classmethod
    def of_rank(cls, rank: int) -> "Priority":
        return tuple(cls)[rank]


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


class State(Enum):
    """Where a message stands; QUEUED covers waiting, scheduled and due for another attempt."""

    QUEUED = "queued"
    LEASED = "leased"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    DEAD = "dead"


class FailureKind(Enum):
    """Why an attempt did not deliver."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    ADDRESS_REFUSED = "address_refused"
    BREAKER_OPEN = "breaker_open"
    POISON = "poison"
    WORKER_LOST = "worker_lost"


class Health(StrEnum):
    """How a channel is."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed attempt: its kind, words for people, and what the receiver asked for."""

    kind: FailureKind
    detail: str
    status: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The channel's receiver took the message."""

    status: int | None = None


Outcome = Delivered | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message somebody wants sent, already checked."""

    channel: str
    recipient: str
    priority: Priority
    subject: str | None
    text: str
    data: str | None
    send_at: float | None
    max_attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A durable message; times are seconds since the epoch."""

    id: str
    owner: str
    tenant: str
    channel: str
    recipient: str
    priority: Priority
    state: State
    subject: str | None
    text: str
    data: str | None
    traceparent: str
    created_at: float
    available_at: float
    attempts: int = 0
    max_attempts: int
    attempts_before: int = 0
    redrives: int = 0
    sequence: int = 0
    lease_owner: str | None = None
    lease_until: float | None = None
    finished_at: float | None = None
    last_failure: Failure | None = None

    @property
    def round_attempts(self) -> int:
        """Attempts since the last redrive: what counts against the maximum."""
        return self.attempts - self.attempts_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a message after an attempt; an attempt that is not counted is given back."""

    state: State
    available_at: float | None = None
    failure: Failure | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at delivery; `failure` is None when it delivered."""

    message_id: str
    number: int
    started_at: float
    finished_at: float
    worker: str
    status: int | None
    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the priority order looks at."""

    sequence: int
    priority: Priority
    available_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How full one priority's queue is."""

    priority: Priority
    ready: int
    scheduled: int
    leased: int
    oldest_ready_at: float | None

    @property
    def held(self) -> int:
        """All that is not done with: ready, scheduled and being sent."""
        return self.ready + self.scheduled + self.leased


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose rows a caller may see: one tenant, and one owner or (None) all of its owners."""

    tenant: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which messages a listing asks for."""

    state: State | None = None
    channel: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """What a channel says of itself, with a reason when it is not well."""

    status: Health
    reason: str | None = None
