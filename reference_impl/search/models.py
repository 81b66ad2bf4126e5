"""What is searched for and what was found."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which index is asked."""

    WEB = "web"
    NEWS = "news"


class Freshness(StrEnum):
    """How old a result may be: a day, a week, a month, a year."""

    DAY = "pd"
    WEEK = "pw"
    MONTH = "pm"
    YEAR = "py"


class Source(StrEnum):
    """Where an answer comes from."""

    BRAVE = "brave"
    STALE_CACHE = "stale-cache"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question. `offset` counts pages, as the upstream does."""

    kind: Kind
    text: str
    count: int = 10
    offset: int = 0
    freshness: Freshness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One result; every member was checked, whatever the upstream sent."""

    title: str
    url: str
    description: str
    age: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An earlier answer and when it was given, in seconds since the epoch."""

    hits: tuple[Hit, ...]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller gets; `reason` says why it is not fresh, `age_seconds` how old it is."""

    query: Query
    hits: tuple[Hit, ...]
    source: Source
    reason: str | None = None
    age_seconds: int = 0

    @property
    def is_degraded(self) -> bool:
        """Whether the upstream could not be asked."""
        return self.source is not Source.BRAVE
