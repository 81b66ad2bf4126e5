"""The worker's loop: it wakes for new work, drains in order, and outlives a store that fails."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
import respx
from sqlalchemy.exc import OperationalError

from reference_impl.hub.models import State
from reference_impl.hub.worker import WorkerLimits
from reference_impl.kit.clock import SystemClock
from tests.reference.hub.conftest import ALICE, RECEIVER_BY_ADDRESS, Hub


@pytest.fixture(autouse=True)
def steady(hub: Hub) -> None:
    """A loop needs a clock that moves by itself."""
    hub.worker._clock = SystemClock()


class Gate:
    """A receiver that takes a delivery and answers when it is told to."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.taken.set()
        await self.opened.wait()
        return httpx.Response(204)


@respx.mock
async def test_a_worker_that_is_told_to_stop_finishes_what_it_is_delivering(hub: Hub) -> None:
    gate = Gate()
    respx.post(RECEIVER_BY_ADDRESS).mock(side_effect=gate)
    running = asyncio.create_task(hub.worker.run())
    sent = await hub.send()
    await gate.taken.wait()

    running.cancel()
    gate.opened.set()
    await asyncio.wait((running,))

    assert running.cancelled()
    assert (await hub.service.get(ALICE, sent.message.id)).message.state is State.DELIVERED


@respx.mock
async def test_what_does_not_finish_in_time_is_given_back_with_its_attempt(hub: Hub) -> None:
    gate = Gate()
    respx.post(RECEIVER_BY_ADDRESS).mock(side_effect=gate)
    hub.worker._limits = WorkerLimits(drain_seconds=0.01)
    running = asyncio.create_task(hub.worker.run())
    sent = await hub.send(max_attempts=1)
    await gate.taken.wait()

    running.cancel()
    await asyncio.wait((running,))

    message = (await hub.service.get(ALICE, sent.message.id)).message
    assert (message.state, message.attempts) == (State.QUEUED, 0)


@respx.mock
async def test_a_worker_takes_no_more_than_it_has_slots_for(hub: Hub) -> None:
    gate = Gate()
    respx.post(RECEIVER_BY_ADDRESS).mock(side_effect=gate)
    hub.worker._limits = WorkerLimits(slots=2)
    sent = [(await hub.send()).message.id for _ in range(5)]
    running = asyncio.create_task(hub.worker.run())
    await gate.taken.wait()

    states = [(await hub.service.get(ALICE, each)).message.state for each in sent]
    gate.opened.set()
    running.cancel()
    await asyncio.wait((running,))

    assert states.count(State.LEASED) == 2


@respx.mock
async def test_a_store_that_fails_for_a_while_does_not_end_the_worker(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    gate.opened.set()
    respx.post(RECEIVER_BY_ADDRESS).mock(side_effect=gate)
    store: Any = hub.worker._leases
    right, failed = store.expired, asyncio.Event()

    async def failing_once(now: float) -> Sequence[object]:
        if failed.is_set():
            return await right(now)  # type: ignore[no-any-return]
        failed.set()
        raise OperationalError("SELECT", {}, Exception("the store restarts"))

    monkeypatch.setattr(store, "expired", failing_once)
    running = asyncio.create_task(hub.worker.run())
    await failed.wait()
    await hub.send()

    await asyncio.wait_for(gate.taken.wait(), 5)

    running.cancel()
    await asyncio.wait((running,))


@respx.mock
async def test_a_heartbeat_keeps_a_slow_delivery_from_being_taken_over(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, clock, extended = Gate(), SystemClock(), asyncio.Event()
    respx.post(RECEIVER_BY_ADDRESS).mock(side_effect=gate)
    hub.worker._clock = clock
    store: Any = hub.worker._leases
    right = store.extend

    async def extend(*given: Any, **named: Any) -> None:
        await right(*given, **named)
        extended.set()

    monkeypatch.setattr(store, "extend", extend)
    running = asyncio.create_task(hub.worker.run())
    sent = await hub.send()
    await gate.taken.wait()
    before = (await hub.service.get(ALICE, sent.message.id)).message.lease_until or 0.0

    clock.set_offset(hub.worker._limits.heartbeat_seconds + 1)
    await asyncio.wait_for(extended.wait(), 5)

    after = (await hub.service.get(ALICE, sent.message.id)).message.lease_until or 0.0
    gate.opened.set()
    running.cancel()
    await asyncio.wait((running,))
    assert after > before > 0
