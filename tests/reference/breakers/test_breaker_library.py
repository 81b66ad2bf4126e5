"""The breaker library: windows, thresholds, probes, and what counts as a failure."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from reference_impl.breakers.library.breaker import CircuitBreaker
from reference_impl.breakers.library.states import (
    BreakerSettings,
    CallNotPermitted,
    InvalidSettings,
    Reason,
    State,
    StateChanged,
    WindowKind,
)
from reference_impl.kit.clock import ManualClock

SETTINGS = BreakerSettings(window_size=10, minimum_calls=4, cooldown_seconds=5, permitted_probes=3)


class UpstreamDown(Exception):
    pass


def breaker(clock: ManualClock, settings: BreakerSettings = SETTINGS) -> CircuitBreaker:
    return CircuitBreaker("upstream", settings, monotonic=clock.monotonic)


async def works() -> str:
    return "answer"


async def fails() -> str:
    raise UpstreamDown


def answering(status: int) -> Callable[[], Awaitable[httpx.Response]]:
    async def answer() -> httpx.Response:
        return httpx.Response(status)

    return answer


async def fail(subject: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(UpstreamDown):
            await subject.call(fails)


async def half_open(clock: ManualClock, settings: BreakerSettings = SETTINGS) -> CircuitBreaker:
    subject = breaker(clock, settings)
    subject.trip()
    clock.advance(settings.cooldown_seconds)
    return subject


async def test_breaker_opens_when_the_failure_rate_reaches_its_threshold_and_not_before() -> None:
    clock = ManualClock()
    subject = breaker(clock)
    for _ in range(4):
        await subject.call(works)

    await fail(subject, 3)
    before = subject.state
    await fail(subject, 1)

    assert (before, subject.state) == (State.CLOSED, State.OPEN)


async def test_breaker_stays_closed_below_the_minimum_of_calls_even_when_all_fail() -> None:
    subject = breaker(ManualClock())

    await fail(subject, 3)

    assert subject.state is State.CLOSED


async def test_open_breaker_refuses_without_calling_and_says_when_to_come_back() -> None:
    clock = ManualClock()
    subject = breaker(clock)
    await fail(subject, 4)
    clock.advance(2)

    with pytest.raises(CallNotPermitted) as refusal:
        await subject.call(works)

    assert refusal.value.retry_after == pytest.approx(3)
    assert subject.snapshot().refused == 1


async def test_old_failures_fall_out_of_a_count_window() -> None:
    subject = breaker(ManualClock())
    for _ in range(4):
        await subject.call(works)
    await fail(subject, 3)
    for _ in range(10):
        await subject.call(works)

    await fail(subject, 3)

    assert subject.state is State.CLOSED
    assert subject.snapshot().counts == (10, 3, 0)


async def test_old_failures_fall_out_of_a_time_window() -> None:
    clock = ManualClock()
    subject = breaker(clock, BreakerSettings(window=WindowKind.TIME, window_size=10, minimum_calls=4))
    await fail(subject, 3)
    clock.advance(10)

    await fail(subject, 3)

    assert subject.state is State.CLOSED
    assert subject.snapshot().counts == (3, 3, 0)


async def test_slow_calls_open_the_breaker_although_they_succeed() -> None:
    clock = ManualClock()
    subject = breaker(
        clock,
        BreakerSettings(window_size=10, minimum_calls=4, slow_call_seconds=1, slow_call_rate_threshold=50),
    )

    async def slow() -> None:
        await clock.sleep(1)

    for call in (works, works, slow, slow):
        await subject.call(call)

    assert subject.state is State.OPEN


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429])
async def test_client_errors_of_the_upstream_never_open_the_breaker(status: int) -> None:
    subject = breaker(ManualClock())

    for _ in range(10):
        await subject.call(answering(status))

    assert subject.state is State.CLOSED
    assert subject.snapshot().counts.failures == 0


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_server_errors_and_timeouts_told_as_answers_open_the_breaker(status: int) -> None:
    subject = breaker(ManualClock())

    for _ in range(4):
        await subject.call(answering(status))

    assert subject.state is State.OPEN


@pytest.mark.parametrize("error", [TimeoutError(), httpx.ReadTimeout("late"), httpx.ConnectError("refused")])
async def test_timeouts_and_broken_connections_open_the_breaker(error: Exception) -> None:
    subject = breaker(ManualClock())

    async def break_down() -> None:
        raise error

    for _ in range(4):
        with pytest.raises(type(error)):
            await subject.call(break_down)

    assert subject.state is State.OPEN


async def test_all_probes_succeeding_closes_the_breaker_with_an_empty_window() -> None:
    clock = ManualClock()
    subject = await half_open(clock)

    for _ in range(3):
        await subject.call(works)

    assert subject.state is State.CLOSED
    assert subject.snapshot().counts == (0, 0, 0)


async def test_one_failed_probe_opens_the_breaker_for_another_whole_cooldown() -> None:
    clock = ManualClock()
    subject = await half_open(clock)
    await subject.call(works)

    await fail(subject, 1)

    assert subject.state is State.OPEN
    assert subject.snapshot().retry_after == pytest.approx(5)


@pytest.mark.parametrize("callers", [1_000, 10_000])
async def test_half_open_lets_exactly_the_permitted_probes_through_under_a_flood(callers: int) -> None:
    clock = ManualClock()
    subject = await half_open(clock)
    gate = asyncio.Event()
    arrived = 0

    async def held() -> None:
        nonlocal arrived
        arrived += 1
        await gate.wait()

    flood = [asyncio.create_task(subject.call(held)) for _ in range(callers)]
    await asyncio.sleep(0)
    while_held = arrived
    gate.set()
    ends = await asyncio.gather(*flood, return_exceptions=True)

    assert while_held == arrived == 3
    assert sum(isinstance(end, CallNotPermitted) for end in ends) == callers - 3
    assert subject.state is State.CLOSED


async def test_probe_that_never_returns_gives_its_permit_to_another() -> None:
    clock = ManualClock()
    settings = BreakerSettings(cooldown_seconds=5, permitted_probes=1, probe_timeout_seconds=30)
    subject = await half_open(clock, settings)
    gate = asyncio.Event()
    lost = asyncio.create_task(subject.call(gate.wait))
    await asyncio.sleep(0)

    clock.advance(29)
    with pytest.raises(CallNotPermitted):
        await subject.call(works)
    clock.advance(1)
    await subject.call(works)

    assert subject.state is State.CLOSED
    gate.set()
    await lost


async def test_answer_of_a_reclaimed_probe_comes_too_late_to_count() -> None:
    clock = ManualClock()
    settings = BreakerSettings(cooldown_seconds=5, permitted_probes=1, probe_timeout_seconds=30)
    subject = await half_open(clock, settings)
    gate = asyncio.Event()

    async def fail_late() -> None:
        await gate.wait()
        raise UpstreamDown

    lost = asyncio.create_task(subject.call(fail_late))
    await asyncio.sleep(0)
    clock.advance(30)
    await subject.call(works)
    gate.set()
    with pytest.raises(UpstreamDown):
        await lost

    assert subject.state is State.CLOSED
    assert subject.snapshot().counts.failures == 0


async def test_cancelled_probe_returns_its_permit() -> None:
    clock = ManualClock()
    subject = await half_open(clock, BreakerSettings(cooldown_seconds=5, permitted_probes=1))
    gate = asyncio.Event()
    for _ in range(3):
        probe = asyncio.create_task(subject.call(gate.wait))
        await asyncio.sleep(0)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe

    await subject.call(works)

    assert subject.state is State.CLOSED


async def test_failure_of_a_call_begun_before_the_breaker_opened_does_not_disturb_the_probes() -> None:
    clock = ManualClock()
    subject = breaker(clock)
    gate = asyncio.Event()

    async def fail_late() -> None:
        await gate.wait()
        raise UpstreamDown

    early = asyncio.create_task(subject.call(fail_late))
    await asyncio.sleep(0)
    subject.trip()
    clock.advance(5)
    await subject.call(works)
    gate.set()
    with pytest.raises(UpstreamDown):
        await early

    assert subject.state is State.HALF_OPEN


async def test_calls_run_side_by_side_because_nothing_is_locked_around_them() -> None:
    subject = breaker(ManualClock())
    together = asyncio.Barrier(20)

    async with asyncio.timeout(5):
        await asyncio.gather(*(subject.call(together.wait) for _ in range(20)))

    assert subject.snapshot().counts.calls == SETTINGS.window_size


async def test_context_manager_counts_errors_and_judged_answers() -> None:
    subject = breaker(ManualClock())
    for _ in range(2):
        with pytest.raises(UpstreamDown):
            async with subject.attempt():
                raise UpstreamDown
        async with subject.attempt() as attempt:
            attempt.answered(httpx.Response(503))

    assert subject.state is State.OPEN
    with pytest.raises(CallNotPermitted):
        async with subject.attempt():
            pass


async def test_decorated_function_goes_through_the_breaker_and_keeps_its_name() -> None:
    subject = breaker(ManualClock())

    @subject.protected
    async def add(left: int, *, right: int) -> int:
        return left + right

    total = await add(2, right=3)
    subject.trip()

    assert (total, add.__name__) == (5, "add")
    with pytest.raises(CallNotPermitted):
        await add(2, right=3)


async def test_listeners_hear_every_change_of_state_with_its_reason() -> None:
    clock = ManualClock()
    heard: list[StateChanged] = []
    subject = breaker(clock)
    subject.listen(heard.append)

    await fail(subject, 4)
    clock.advance(5)
    for _ in range(3):
        await subject.call(works)

    assert [(event.before, event.after, event.reason) for event in heard] == [
        (State.CLOSED, State.OPEN, Reason.FAILURE_RATE),
        (State.OPEN, State.HALF_OPEN, Reason.COOLDOWN_PASSED),
        (State.HALF_OPEN, State.CLOSED, Reason.PROBES_SUCCEEDED),
    ]
    assert heard[0].counts == (4, 4, 0)


async def test_listener_that_raises_does_not_reach_the_caller() -> None:
    subject = breaker(ManualClock())

    def broken(_event: StateChanged) -> None:
        raise RuntimeError

    subject.listen(broken)
    await fail(subject, 4)

    assert subject.state is State.OPEN


async def test_window_smaller_than_the_minimum_of_calls_opens_when_it_is_full() -> None:
    subject = breaker(ManualClock(), BreakerSettings(window_size=3, minimum_calls=10))

    await fail(subject, 3)

    assert subject.state is State.OPEN


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_times_that_make_no_sense_are_refused(seconds: float) -> None:
    with pytest.raises(InvalidSettings, match="cooldown_seconds"):
        BreakerSettings(cooldown_seconds=seconds)
