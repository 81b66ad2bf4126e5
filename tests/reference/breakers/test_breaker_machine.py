"""The breaker against a plain model of it, under any order of starts, ends, cancellations and time."""

import asyncio
from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from reference_impl.breakers.library.breaker import CircuitBreaker
from reference_impl.breakers.library.states import BreakerSettings, CallNotPermitted, State
from reference_impl.kit.clock import ManualClock

SETTINGS = BreakerSettings(
    window_size=6,
    minimum_calls=3,
    failure_rate_threshold=50,
    cooldown_seconds=10,
    permitted_probes=2,
    probe_timeout_seconds=30,
    slow_call_seconds=3600,
)
Call = tuple[int, float]


class BreakerMachine(RuleBasedStateMachine):
    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.subject = CircuitBreaker("upstream", SETTINGS, monotonic=self.clock.monotonic)
        self.window: deque[bool] = deque(maxlen=SETTINGS.window_size)
        self.generation = 0
        self.generation_of: dict[int, int] = {}
        self.probes: dict[int, float] = {}
        self.succeeded = 0
        self.opened_at = 0.0
        self.state = State.CLOSED

    def _become(self, state: State) -> None:
        self.state = state
        self.generation += 1
        self.probes.clear()
        self.succeeded = 0
        if state is State.OPEN:
            self.opened_at = self.clock.monotonic()
        if state is State.CLOSED:
            self.window.clear()

    def _expects_permit(self) -> bool:
        now = self.clock.monotonic()
        if self.state is State.OPEN and now - self.opened_at >= SETTINGS.cooldown_seconds:
            self._become(State.HALF_OPEN)
        if self.state is State.HALF_OPEN:
            self.probes = {
                ticket: since
                for ticket, since in self.probes.items()
                if now - since < SETTINGS.probe_timeout_seconds
            }
            return len(self.probes) + self.succeeded < SETTINGS.permitted_probes
        return self.state is State.CLOSED

    @rule(target=calls)
    def start(self) -> object:
        expected = self._expects_permit()
        try:
            ticket, started = self.subject.acquire()
        except CallNotPermitted:
            assert not expected
            return multiple()
        assert expected
        if self.state is State.HALF_OPEN:
            self.probes[ticket] = started
        else:
            self.generation_of[ticket] = self.generation
        return (ticket, started)

    def _end(self, ticket: int, *, failed: bool) -> None:
        if ticket in self.probes:
            del self.probes[ticket]
            self.succeeded += not failed
            if failed:
                self._become(State.OPEN)
            elif self.succeeded == SETTINGS.permitted_probes:
                self._become(State.CLOSED)
        elif self.generation_of.get(ticket) == self.generation:
            self.window.append(failed)
            enough = len(self.window) >= SETTINGS.minimum_calls
            if enough and sum(self.window) * 2 >= len(self.window):
                self._become(State.OPEN)

    @rule(call=consumes(calls))
    def succeed(self, call: Call) -> None:
        self.subject.answered(call[0], "answer", call[1])
        self._end(call[0], failed=False)

    @rule(call=consumes(calls))
    def fail(self, call: Call) -> None:
        self.subject.failed(call[0], TimeoutError(), call[1])
        self._end(call[0], failed=True)

    @rule(call=consumes(calls))
    def cancel(self, call: Call) -> None:
        self.subject.failed(call[0], asyncio.CancelledError(), call[1])
        self.probes.pop(call[0], None)

    @rule(seconds=st.sampled_from([1, 9, 10, 30]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @precondition(lambda self: self.state is not State.OPEN)
    @rule()
    def trip(self) -> None:
        self.subject.trip()
        self._become(State.OPEN)

    @rule()
    def reset(self) -> None:
        self.subject.reset()
        self._become(State.CLOSED)

    @invariant()
    def agrees_with_the_model(self) -> None:
        seen = self.subject.snapshot()
        assert seen.state is self.state
        assert seen.probes_in_flight <= SETTINGS.permitted_probes
        if self.state is State.CLOSED:
            assert seen.counts[:2] == (len(self.window), sum(self.window))


BreakerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_breaker_behaves_like_its_model_in_any_order_of_events = BreakerMachine.TestCase
