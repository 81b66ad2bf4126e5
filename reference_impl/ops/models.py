"""What health and control report."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Condition(StrEnum):
    UP = "up"
    DOWN = "down"


class Readiness(StrEnum):
    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One dependency as it was when asked."""

    name: str
    condition: Condition
    required: bool
    milliseconds: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Whether this process can serve, and what it lacks."""

    readiness: Readiness
    dependencies: tuple[Dependency, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectState:
    """A seeded defect with its counters, summed over processes."""

    id: str
    applied: bool
    reached: int
    triggered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    now: datetime
    offset_seconds: float
