"""The circuit breaker: belongs to one event loop, so its transitions are atomic without any lock."""

import functools
import logging
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from reference_impl.breakers.library.decisions import DEFAULT, Decisions
from reference_impl.breakers.library.states import (
    BreakerSettings,
    CallNotPermitted,
    Reason,
    Snapshot,
    State,
    StateChanged,
    Verdict,
)
from reference_impl.breakers.library.windows import window_for

T = TypeVar("T")
P = ParamSpec("P")
Listener = Callable[[StateChanged], None]
_CLOSED, _SUCCESS = State.CLOSED, Verdict.SUCCESS  # looking up an enum's member is most of a call's cost
_log = logging.getLogger(__name__)


class CircuitBreaker:
    """Refuses calls to an upstream that fails, and lets a strict number of probes find out when it is back.

    A ticket is a number. Calls of one closed period share theirs; each probe has its own. A ticket of an
    earlier period counts for nothing, so a late answer never disturbs the present.
    """

    __slots__ = (
        "_decisions",
        "_epoch",
        "_last_ticket",
        "_listeners",
        "_monotonic",
        "_of_result",
        "_open_until",
        "_probes",
        "_refused",
        "_settings",
        "_slow_after",
        "_state",
        "_succeeded",
        "_window",
        "name",
    )

    def __init__(
        self,
        name: str,
        settings: BreakerSettings,
        *,
        monotonic: Callable[[], float],
        decisions: Decisions = DEFAULT,
        listeners: Iterable[Listener] = (),
    ) -> None:
        self.name = name
        self._settings = settings
        self._slow_after = settings.slow_call_seconds
        self._monotonic = monotonic
        self._decisions = decisions
        self._of_result = decisions.classifier.of_result
        self._listeners = tuple(listeners)
        self._window = window_for(settings)
        self._state = State.CLOSED
        self._open_until = 0.0
        self._probes: dict[int, float] = {}
        self._succeeded = 0
        self._refused = 0
        self._epoch = self._last_ticket = 1

    @property
    def state(self) -> State:
        return self._state

    @property
    def settings(self) -> BreakerSettings:
        return self._settings

    async def call(self, fn: Callable[[], Awaitable[T]]) -> T:
        """Await `fn()` when permitted, else raise CallNotPermitted. Nothing is locked meanwhile."""
        ticket = self._epoch if self._state is _CLOSED else self._admit()
        started = self._monotonic()
        try:
            result = await fn()
        except BaseException as error:
            self._settle(ticket, self._decisions.classifier.of_error(error), started)
            raise
        verdict = self._of_result(result)
        now = self._monotonic()
        if ticket == self._epoch and verdict is _SUCCESS and now - started < self._slow_after:
            if self._window.good(now):
                self._consider_opening(now)
        else:
            self._settle(ticket, verdict, started)
        return result

    def acquire(self) -> tuple[int, float]:
        """Return the ticket of a call and its start, or raise; every ticket must be answered or failed."""
        ticket = self._epoch if self._state is _CLOSED else self._admit()
        return ticket, self._monotonic()

    def answered(self, ticket: int, answer: object, started: float) -> None:
        self._settle(ticket, self._of_result(answer), started)

    def failed(self, ticket: int, error: BaseException, started: float) -> None:
        self._settle(ticket, self._decisions.classifier.of_error(error), started)

    def attempt(self) -> "Attempt":
        """An async context manager around one call, for code that is no single function."""
        return Attempt(self)

    def protected(self, function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate an async function so that every call of it goes through this breaker."""

        @functools.wraps(function)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.call(functools.partial(function, *args, **kwargs))

        return guarded

    def listen(self, listener: Listener) -> None:
        self._listeners = (*self._listeners, listener)

    def snapshot(self) -> Snapshot:
        now = self._monotonic()
        return Snapshot(
            breaker=self.name,
            state=self._state,
            counts=self._window.counts(now),
            refused=self._refused,
            retry_after=self._retry_after(now),
            probes_in_flight=len(self._probes),
            settings=self._settings,
        )

    def configure(self, settings: BreakerSettings) -> None:
        """Take other settings; the state stays, the window starts afresh."""
        self._settings = settings
        self._slow_after = settings.slow_call_seconds
        self._window = window_for(settings)

    def trip(self, *, seconds: float | None = None, reason: Reason = Reason.TRIPPED) -> None:
        """Open, whatever the window says, for the cooldown or the time given."""
        self._open(reason, self._monotonic(), seconds)

    def reset(self, *, reason: Reason = Reason.RESET) -> None:
        """Close and forget what was counted."""
        self._change(State.CLOSED, reason)
        self._window.clear()

    def _admit(self) -> int:
        """Return a probe's ticket, or raise: the breaker is not closed."""
        now = self._monotonic()
        if self._state is State.OPEN:
            if now < self._open_until:
                raise self._refusal(now)
            self._change(State.HALF_OPEN, Reason.COOLDOWN_PASSED)
        self._reclaim_lost_probes(now)
        permitted = self._settings.permitted_probes
        if not self._decisions.half_open_permits.grants(
            in_flight=len(self._probes), succeeded=self._succeeded, permitted=permitted
        ):
            raise self._refusal(now)
        ticket = self._next_ticket()
        self._probes[ticket] = now
        return ticket

    def _settle(self, ticket: int, verdict: Verdict, started: float) -> None:
        now = self._monotonic()
        slow = now - started >= self._slow_after
        if ticket != self._epoch:
            self._settle_probe(ticket, verdict, now, slow=slow)
            return
        if verdict is Verdict.IGNORED:
            return
        if slow or verdict is Verdict.FAILURE:
            self._window.bad(now, failed=verdict is Verdict.FAILURE, slow=slow)
        elif not self._window.good(now):
            return
        self._consider_opening(now)

    def _consider_opening(self, now: float) -> None:
        reason = self._decisions.opening.reason(self._window.counts(now), self._settings)
        if reason is not None:
            self._open(reason, now)

    def _settle_probe(self, ticket: int, verdict: Verdict, now: float, *, slow: bool) -> None:
        if ticket not in self._probes:
            return
        if verdict is Verdict.IGNORED:
            if self._decisions.permit_return.returns(verdict):
                del self._probes[ticket]
            return
        del self._probes[ticket]
        failed = slow or verdict is Verdict.FAILURE
        self._succeeded += not failed
        target = self._decisions.probe_outcome.next_state(
            failed=failed, succeeded=self._succeeded, permitted=self._settings.permitted_probes
        )
        if target is State.OPEN:
            self._open(Reason.PROBE_FAILED, now)
        elif target is State.CLOSED:
            self.reset(reason=Reason.PROBES_SUCCEEDED)

    def _reclaim_lost_probes(self, now: float) -> None:
        limit = self._settings.probe_timeout_seconds
        reclaim = self._decisions.probe_reclaim
        lost = [
            ticket
            for ticket, granted_at in self._probes.items()
            if reclaim.is_lost(age_seconds=now - granted_at, timeout_seconds=limit)
        ]
        for ticket in lost:
            del self._probes[ticket]

    def _open(self, reason: Reason, now: float, seconds: float | None = None) -> None:
        cooldown = self._settings.cooldown_seconds if seconds is None else seconds
        self._open_until = now + cooldown
        self._change(State.OPEN, reason, cooldown=cooldown)

    def _change(self, after: State, reason: Reason, *, cooldown: float = 0.0) -> None:
        before, self._state = self._state, after
        self._epoch = self._next_ticket()
        self._probes.clear()
        self._succeeded = 0
        change = StateChanged(
            breaker=self.name,
            before=before,
            after=after,
            reason=reason,
            counts=self._window.counts(self._monotonic()),
            cooldown_seconds=cooldown,
        )
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:  # noqa: BLE001 - a listener is a sink; its fault must not become the caller's
                _log.exception("breaker listener failed", extra={"breaker": self.name})

    def _next_ticket(self) -> int:
        self._last_ticket += 1
        return self._last_ticket

    def _refusal(self, now: float) -> CallNotPermitted:
        self._refused += 1
        return CallNotPermitted(self.name, self._state, self._retry_after(now))

    def _retry_after(self, now: float) -> float:
        return max(0.0, self._open_until - now) if self._state is State.OPEN else 0.0


class Attempt:
    """One call through a breaker as `async with`; an answer can be handed in for its verdict."""

    __slots__ = ("_answer", "_breaker", "_started", "_ticket")

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker
        self._answer: object = None
        self._ticket = 0
        self._started = 0.0

    def answered(self, answer: object) -> None:
        """Let the classifier judge an answer that came without an exception."""
        self._answer = answer

    async def __aenter__(self) -> Self:
        self._ticket, self._started = self._breaker.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._breaker.answered(self._ticket, self._answer, self._started)
        else:
            self._breaker.failed(self._ticket, error, self._started)
