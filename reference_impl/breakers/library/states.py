"""The words of a circuit breaker: states, verdicts, counts, settings, and the errors it raises.

BreakerError
├── CallNotPermitted    the breaker is open, or half-open with all probes given out
└── InvalidSettings     the settings contradict themselves
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from math import isfinite
from typing import NamedTuple

from reference_impl.kit.http import NotPermitted


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Verdict(Enum):
    """What one finished call says about the upstream."""

    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"


class WindowKind(StrEnum):
    COUNT = "count"
    TIME = "time"


class Reason(StrEnum):
    """Why a breaker changed its state."""

    FAILURE_RATE = "failure-rate"
    SLOW_CALL_RATE = "slow-call-rate"
    COOLDOWN_PASSED = "cooldown-passed"
    PROBES_SUCCEEDED = "probes-succeeded"
    PROBE_FAILED = "probe-failed"
    TRIPPED = "tripped"
    RESET = "reset"
    SHARED = "shared"


class BreakerError(Exception):
    """Base of what a breaker raises by itself."""


class CallNotPermitted(BreakerError, NotPermitted):
    """The call was not made; the upstream saw nothing of it."""

    def __init__(self, breaker: str, state: State, retry_after: float) -> None:
        super().__init__(f"breaker {breaker!r} is {state.value}; try again in {retry_after:.1f} s")
        self.breaker = breaker
        self.state = state
        self.retry_after = retry_after


class InvalidSettings(BreakerError):
    """A setting is out of its range."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__(f"{member}: {detail}")
        self.member = member
        self.detail = detail


class Counts(NamedTuple):
    """What a window holds at a moment."""

    calls: int
    failures: int
    slow: int

    @property
    def failure_rate(self) -> float:
        """Failures in percent of the calls; 0 when there were none."""
        return 100.0 * self.failures / self.calls if self.calls else 0.0

    @property
    def slow_call_rate(self) -> float:
        """Slow calls in percent of the calls; 0 when there were none."""
        return 100.0 * self.slow / self.calls if self.calls else 0.0


NOTHING = Counts(0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When a breaker opens and how it recovers. Rates are percent, times are seconds."""

    window: WindowKind = WindowKind.COUNT
    window_size: int = 20
    """Calls of a count window, or seconds of a time window."""
    minimum_calls: int = 10
    failure_rate_threshold: int = 50
    slow_call_rate_threshold: int = 100
    slow_call_seconds: float = 10.0
    cooldown_seconds: float = 10.0
    permitted_probes: int = 3
    probe_timeout_seconds: float = 30.0
    """After this time a probe that has not returned gives its permit to another."""

    def __post_init__(self) -> None:
        _within("window_size", self.window_size, 1, 10_000)
        _within("minimum_calls", self.minimum_calls, 1, 10_000)
        _within("failure_rate_threshold", self.failure_rate_threshold, 1, 100)
        _within("slow_call_rate_threshold", self.slow_call_rate_threshold, 1, 100)
        _within("slow_call_seconds", self.slow_call_seconds, 0.001, 3600)
        _within("cooldown_seconds", self.cooldown_seconds, 0.001, 3600)
        _within("permitted_probes", self.permitted_probes, 1, 1000)
        _within("probe_timeout_seconds", self.probe_timeout_seconds, 0.001, 3600)

    @property
    def enough_calls(self) -> int:
        """Calls before a rate means anything; a count window never holds more than its size."""
        if self.window is WindowKind.COUNT:
            return min(self.minimum_calls, self.window_size)
        return self.minimum_calls


def _within(member: str, value: float, low: float, high: float) -> None:
    if not isfinite(value) or not low <= value <= high:
        raise InvalidSettings(member, f"must be between {low} and {high}, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """What a listener gets."""

    breaker: str
    before: State
    after: State
    reason: Reason
    counts: Counts
    cooldown_seconds: float = 0.0
    """How long calls are refused from now on; 0 unless it opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How a breaker stands at a moment."""

    breaker: str
    state: State
    counts: Counts = NOTHING
    refused: int = 0
    retry_after: float = 0.0
    probes_in_flight: int = 0
    settings: BreakerSettings = field(default_factory=BreakerSettings)
