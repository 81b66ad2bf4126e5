"""The breaker service's wire types, the old and the new shape of the status among them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from reference_impl.breakers.library.states import BreakerSettings, Counts
from reference_impl.breakers.models import Alert, Assessment, BreakerView, Monitoring, Recommendation
from reference_impl.breakers.service import etag_of
from reference_impl.kit.model import Integer, Text, Timestamp, Wire
from reference_impl.kit.paging import Page

StateName = Literal["closed", "open", "half-open"]
WindowName = Literal["count", "time"]
SeverityName = Literal["warning", "critical"]
Name = Annotated[
    Text,
    Field(
        pattern=r"^[a-z][a-z0-9.-]{0,62}$",
        max_length=63,
        description="How code asks for the breaker.",
        examples=["payments"],
    ),
]
_WindowSize = Annotated[
    Integer, Field(ge=1, le=10_000, description="Calls of a count window, or seconds of a time window.")
]
_MinimumCalls = Annotated[
    Integer, Field(ge=1, le=10_000, description="Calls before a rate means anything; at most a count window.")
]
_Percent = Annotated[Integer, Field(ge=1, le=100, description="Percent of the calls in the window.")]
_Seconds = Annotated[float, Field(ge=0.001, le=3600, description="Seconds.")]
_Probes = Annotated[Integer, Field(ge=1, le=1000, description="Probes of one half-open period.")]


class SettingsOut(Wire):
    window: WindowName
    window_size: _WindowSize
    minimum_calls: _MinimumCalls
    failure_rate_threshold: _Percent
    slow_call_rate_threshold: _Percent
    slow_call_seconds: _Seconds
    cooldown_seconds: _Seconds
    permitted_probes: _Probes
    probe_timeout_seconds: _Seconds

    @classmethod
    def of(cls, settings: BreakerSettings) -> "SettingsOut":
        return cls(
            window=settings.window.value,
            window_size=settings.window_size,
            minimum_calls=settings.minimum_calls,
            failure_rate_threshold=settings.failure_rate_threshold,
            slow_call_rate_threshold=settings.slow_call_rate_threshold,
            slow_call_seconds=settings.slow_call_seconds,
            cooldown_seconds=settings.cooldown_seconds,
            permitted_probes=settings.permitted_probes,
            probe_timeout_seconds=settings.probe_timeout_seconds,
        )


class SettingsIn(Wire):
    """Settings to change; what is absent stays, or has its default in a new breaker."""

    window: WindowName = "count"
    window_size: _WindowSize = 20
    minimum_calls: _MinimumCalls = 10
    failure_rate_threshold: _Percent = 50
    slow_call_rate_threshold: _Percent = 100
    slow_call_seconds: _Seconds = 10.0
    cooldown_seconds: _Seconds = 10.0
    permitted_probes: _Probes = 3
    probe_timeout_seconds: _Seconds = 30.0

    def given(self) -> Mapping[str, object]:
        return self.model_dump(exclude_unset=True)


class BreakerIn(Wire):
    name: Name
    settings: SettingsIn = SettingsIn()


class BreakerPatch(Wire):
    settings: SettingsIn


class CountsOut(Wire):
    calls: Integer
    failures: Integer
    slow: Integer

    @classmethod
    def of(cls, counts: Counts) -> "CountsOut":
        return cls(calls=counts.calls, failures=counts.failures, slow=counts.slow)


class StandingOut(Wire):
    """How a breaker stands; counts are those of the process that answers, the state is everybody's."""

    id: str
    name: str
    state: StateName
    counts: CountsOut
    failure_rate: Annotated[float, Field(description="Percent of the calls in the window.")]
    slow_call_rate: Annotated[float, Field(description="Percent of the calls in the window.")]
    refused: Annotated[Integer, Field(description="Calls that were not made because it was not closed.")]
    retry_after_seconds: Annotated[float, Field(description="Until the next probe may go; 0 when closed.")]


class StatusV1(Wire):
    """The first version's shape: names and states only."""

    breakers: dict[str, StateName]

    @classmethod
    def of(cls, views: Sequence[BreakerView]) -> "StatusV1":
        return cls(breakers={view.configuration.name: view.state.value for view in views})


class StatusV2(Wire):
    breakers: list[StandingOut]

    @classmethod
    def of(cls, views: Sequence[BreakerView]) -> "StatusV2":
        return cls(breakers=[_standing(view) for view in views])


def _standing(view: BreakerView) -> StandingOut:
    return StandingOut(
        id=view.configuration.id,
        name=view.configuration.name,
        state=view.state.value,
        counts=CountsOut.of(view.counts),
        failure_rate=round(view.counts.failure_rate, 3),
        slow_call_rate=round(view.counts.slow_call_rate, 3),
        refused=view.refused,
        retry_after_seconds=round(view.retry_after, 3),
    )


class BreakerOut(Wire):
    id: str
    name: str
    state: StateName
    standing: StandingOut
    settings: SettingsOut
    instances: Annotated[Integer, Field(description="Breakers of this name in this process.")]
    created_at: Timestamp
    updated_at: Timestamp
    etag: Annotated[str, Field(description="Send it in If-Match to change this breaker.")]

    @classmethod
    def of(cls, view: BreakerView) -> "BreakerOut":
        configuration = view.configuration
        return cls(
            id=configuration.id,
            name=configuration.name,
            state=view.state.value,
            standing=_standing(view),
            settings=SettingsOut.of(configuration.settings),
            instances=view.instances,
            created_at=configuration.created_at,
            updated_at=configuration.updated_at,
            etag=etag_of(configuration),
        )


class BreakerPage(Wire):
    items: list[BreakerOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[BreakerView]) -> "BreakerPage":
        return cls(items=[BreakerOut.of(view) for view in page.items], next_cursor=page.next_cursor)


class ResetOut(Wire):
    reset: Annotated[Integer, Field(description="Breakers that were not closed and are now.")]


class RecommendationOut(Wire):
    breaker: str
    severity: SeverityName
    reason: str
    advice: str

    @classmethod
    def of(cls, recommendation: Recommendation) -> "RecommendationOut":
        return cls(
            breaker=recommendation.breaker,
            severity=recommendation.severity.value,
            reason=recommendation.reason,
            advice=recommendation.advice,
        )


class HealthOut(Wire):
    health: Literal["healthy", "degraded", "critical"]
    total: Integer
    open: Integer
    half_open: Integer
    recommendations: list[RecommendationOut]

    @classmethod
    def of(cls, assessment: Assessment) -> "HealthOut":
        return cls(
            health=assessment.health.value,
            total=assessment.total,
            open=assessment.open,
            half_open=assessment.half_open,
            recommendations=[RecommendationOut.of(each) for each in assessment.recommendations],
        )


class AlertOut(Wire):
    id: str
    breaker: str
    severity: SeverityName
    reason: str
    message: str
    raised_at: Timestamp
    acknowledged_at: Timestamp | None
    acknowledged_by: str | None

    @classmethod
    def of(cls, alert: Alert) -> "AlertOut":
        return cls(
            id=alert.id,
            breaker=alert.breaker,
            severity=alert.severity.value,
            reason=alert.reason,
            message=alert.message,
            raised_at=alert.raised_at,
            acknowledged_at=alert.acknowledged_at,
            acknowledged_by=alert.acknowledged_by,
        )


class AlertPage(Wire):
    items: list[AlertOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Alert]) -> "AlertPage":
        return cls(items=[AlertOut.of(alert) for alert in page.items], next_cursor=page.next_cursor)


class MonitoringIn(Wire):
    interval_seconds: Annotated[Integer, Field(ge=1, le=3600, description="Seconds between checks.")] = 5


class MonitoringOut(Wire):
    active: bool
    interval_seconds: Integer
    changed_at: Timestamp | None
    changed_by: str | None
    checks: Integer
    last_check_at: Timestamp | None

    @classmethod
    def of(cls, monitoring: Monitoring) -> "MonitoringOut":
        return cls(
            active=monitoring.active,
            interval_seconds=monitoring.interval_seconds,
            changed_at=monitoring.changed_at,
            changed_by=monitoring.changed_by,
            checks=monitoring.checks,
            last_check_at=monitoring.last_check_at,
        )
