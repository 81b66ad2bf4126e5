"""The decisions of a breaker, each replaceable: what counts, when it opens, who may probe."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from reference_impl.breakers.library.states import BreakerSettings, Counts, Reason, State, Verdict

_PASSING_CLIENT_ERRORS = frozenset({408, 425})  # "too late" and "too early": the server's doing


class Classifier(Protocol):
    """Reads what a call's end says about the upstream."""

    def of_error(self, error: BaseException) -> Verdict: ...
    def of_result(self, result: object) -> Verdict: ...


class Opening(Protocol):
    """Says whether a closed breaker opens, and why."""

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None: ...


class HalfOpenPermits(Protocol):
    """Says whether one more probe may go while half-open."""

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool: ...


class ProbeOutcome(Protocol):
    """Says where a finished probe takes the breaker; None is to wait for more."""

    def next_state(self, *, failed: bool, succeeded: int, permitted: int) -> State | None: ...


class PermitReturn(Protocol):
    """Says whether a probe that ended without a verdict, such as a cancelled one, gives its permit back."""

    def returns(self, verdict: Verdict) -> bool: ...


class ProbeReclaim(Protocol):
    """Says whether a probe has been gone for so long that its permit goes to another."""

    def is_lost(self, *, age_seconds: float, timeout_seconds: float) -> bool: ...


class Scope(Protocol):
    """Says which breaker a caller of a tenant shares with whom."""

    def key(self, name: str, tenant: str) -> str: ...


def status_of(outcome: object) -> int | None:
    """The HTTP status of a response, or of an error that carries a response or a status."""
    for holder in (getattr(outcome, "response", None), outcome):
        for member in ("status_code", "status"):
            status = getattr(holder, member, None)
            if isinstance(status, int):
                return status
    return None


def _of_status(status: int) -> Verdict:
    if status >= 500 or status in _PASSING_CLIENT_ERRORS:
        return Verdict.FAILURE
    return Verdict.SUCCESS


class UpstreamHealth:
    """Timeouts, broken connections and 5xx are failures; 4xx are not: only the call was wrong."""

    def of_error(self, error: BaseException) -> Verdict:
        if isinstance(error, asyncio.CancelledError) or not isinstance(error, Exception):
            return Verdict.IGNORED
        status = status_of(error)
        return Verdict.FAILURE if status is None else _of_status(status)

    def of_result(self, result: object) -> Verdict:
        status = getattr(result, "status_code", None)
        return _of_status(status) if isinstance(status, int) else Verdict.SUCCESS


class AtThreshold:
    """Opens when there are enough calls and one of the two rates has reached its threshold."""

    def reason(self, counts: Counts, settings: BreakerSettings) -> Reason | None:
        if counts.calls < settings.enough_calls:
            return None
        if counts.failures * 100 >= settings.failure_rate_threshold * counts.calls:
            return Reason.FAILURE_RATE
        if counts.slow * 100 >= settings.slow_call_rate_threshold * counts.calls:
            return Reason.SLOW_CALL_RATE
        return None


class StrictPermits:
    """Never more probes in one half-open period than permitted, those that succeeded included."""

    def grants(self, *, in_flight: int, succeeded: int, permitted: int) -> bool:
        return in_flight + succeeded < permitted


class AllMustSucceed:
    """One failed probe opens the breaker again; it closes when every permitted probe has succeeded."""

    def next_state(self, *, failed: bool, succeeded: int, permitted: int) -> State | None:
        if failed:
            return State.OPEN
        return State.CLOSED if succeeded >= permitted else None


class AlwaysReturned:
    """A probe without a verdict leaves its permit to the next one."""

    def returns(self, verdict: Verdict) -> bool:
        return verdict is Verdict.IGNORED


class AfterTimeout:
    """A probe is lost when it has been gone for longer than its time limit."""

    def is_lost(self, *, age_seconds: float, timeout_seconds: float) -> bool:
        return age_seconds >= timeout_seconds


class PerTenant:
    """Every tenant has a breaker of its own under the shared settings; no tenant is everybody's."""

    def key(self, name: str, tenant: str) -> str:
        return f"{name}@{tenant}" if tenant else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of a breaker together."""

    classifier: Classifier = field(default_factory=UpstreamHealth)
    opening: Opening = field(default_factory=AtThreshold)
    half_open_permits: HalfOpenPermits = field(default_factory=StrictPermits)
    probe_outcome: ProbeOutcome = field(default_factory=AllMustSucceed)
    permit_return: PermitReturn = field(default_factory=AlwaysReturned)
    probe_reclaim: ProbeReclaim = field(default_factory=AfterTimeout)
    scope: Scope = field(default_factory=PerTenant)


DEFAULT = Decisions()
