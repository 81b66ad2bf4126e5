"""What the breaker service speaks of: configurations, views of them, alerts, monitoring, health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reference_impl.breakers.library.states import BreakerSettings, Counts, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How the breakers of one name are set. One name may have several: per tenant, per destination."""

    id: str
    name: str
    settings: BreakerSettings
    version: int
    created_by: str
    tenant: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerView:
    """A configuration and how its breakers in this process stand: the worst state, the sums of counts."""

    configuration: Configuration
    state: State
    counts: Counts
    refused: int
    retry_after: float
    instances: int


class Severity(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something about a breaker that a person should know."""

    id: str
    breaker: str
    severity: Severity
    reason: str
    message: str
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Whether breakers are looked at regularly, by whichever process is first."""

    active: bool
    interval_seconds: int
    changed_at: datetime | None = None
    changed_by: str | None = None
    checks: int = 0
    last_check_at: datetime | None = None


class Health(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    breaker: str
    severity: Severity
    reason: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How all breakers do together, and what to do about those that do not do well."""

    health: Health
    total: int
    open: int
    half_open: int
    recommendations: Sequence[Recommendation]
