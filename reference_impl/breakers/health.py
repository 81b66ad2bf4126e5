"""What the state of the breakers says about the system, and what to do. Pure."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from reference_impl.breakers.library.states import State, StateChanged
from reference_impl.breakers.models import Assessment, BreakerView, Health, Recommendation, Severity

_EARLY = 0.5
"""The share of a threshold at which a closed breaker is worth a warning."""


def assess(views: Sequence[BreakerView]) -> Assessment:
    """Judge all breakers together: critical with an open one, degraded with any other recommendation."""
    recommendations = tuple(advice for view in views for advice in _advice(view))
    states = [view.state for view in views]
    if State.OPEN in states:
        health = Health.CRITICAL
    else:
        health = Health.DEGRADED if recommendations else Health.HEALTHY
    return Assessment(
        health=health,
        total=len(views),
        open=states.count(State.OPEN),
        half_open=states.count(State.HALF_OPEN),
        recommendations=recommendations,
    )


def opened_from_closed(change: StateChanged) -> bool:
    """What is worth an alert: a closed breaker opened; a failed probe is no news."""
    return change.after is State.OPEN and change.before is State.CLOSED


def _advice(view: BreakerView) -> Iterator[Recommendation]:
    match view.state:
        case State.OPEN:
            yield _recommend(
                view,
                Severity.CRITICAL,
                "open",
                "Calls are refused; probes start by themselves after the cooldown. "
                f"See why the upstream fails ({view.counts.failures} of the last {view.counts.calls} calls).",
            )
        case State.HALF_OPEN:
            yield _recommend(
                view,
                Severity.WARNING,
                "half-open",
                "Probes are under way. Wait for them before a reset.",
            )
        case State.CLOSED:
            yield from _early_warnings(view)
        case _:
            assert_never(view.state)


def _early_warnings(view: BreakerView) -> Iterator[Recommendation]:
    settings, counts = view.configuration.settings, view.counts
    if counts.calls < settings.enough_calls:
        return
    if counts.failure_rate >= settings.failure_rate_threshold * _EARLY:
        yield _recommend(
            view,
            Severity.WARNING,
            "failure-rate-rising",
            f"{counts.failure_rate:.0f} % of the calls fail. "
            f"Look at the upstream before it opens at {settings.failure_rate_threshold} %.",
        )
    if counts.slow_call_rate >= settings.slow_call_rate_threshold * _EARLY:
        yield _recommend(
            view,
            Severity.WARNING,
            "slow-call-rate-rising",
            f"{counts.slow_call_rate:.0f} % of the calls take {settings.slow_call_seconds:g} s or more. "
            "Look at the upstream's latency, or raise the limit if that is normal.",
        )


def _recommend(view: BreakerView, severity: Severity, reason: str, advice: str) -> Recommendation:
    return Recommendation(breaker=view.configuration.name, severity=severity, reason=reason, advice=advice)
