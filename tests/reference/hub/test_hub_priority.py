"""Strict priorities and the aging rule."""

import itertools

import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.hub.models import Priority, Waiting
from reference_impl.hub.policies import StrictPriority
from tests.reference.hub.conftest import RECEIVER_BY_ADDRESS, Hub

AGING = 300.0
order = StrictPriority(aging_seconds=AGING)
waiting = st.builds(
    Waiting,
    sequence=st.integers(0, 1000),
    priority=st.sampled_from(list(Priority)),
    available_at=st.floats(0, 10_000),
)


@given(st.lists(waiting, max_size=30), st.integers(0, 40))
def test_no_message_goes_before_one_of_a_higher_class_that_is_as_old(
    items: list[Waiting], limit: int
) -> None:
    chosen = list(order(items, 10_000.0, limit))

    for first, second in itertools.pairwise(chosen):
        assert not (second.priority.rank < first.priority.rank and second.available_at <= first.available_at)


def test_a_low_message_reaches_the_front_after_three_aging_steps_under_a_flood_of_critical() -> None:
    old = Waiting(sequence=1, priority=Priority.LOW, available_at=0.0)
    fresh = [Waiting(sequence=n, priority=Priority.CRITICAL, available_at=3 * AGING) for n in range(2, 50)]

    assert order([*fresh, old], 3 * AGING, 1) == [old]


def test_a_low_message_waits_behind_critical_until_it_has_aged() -> None:
    old = Waiting(sequence=1, priority=Priority.LOW, available_at=0.0)
    fresh = Waiting(sequence=2, priority=Priority.CRITICAL, available_at=3 * AGING - 1)

    assert order([old, fresh], 3 * AGING - 1, 1) == [fresh]


@respx.mock
async def test_a_later_critical_message_is_delivered_before_earlier_ones_of_lower_classes(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.CRITICAL):
        for _ in range(4):
            await hub.send(priority=priority, text=priority.value)

    await hub.work(rounds=2)

    sent = [call.request.read().decode() for call in route.calls]
    classes = [next(p.value for p in Priority if f'"text":"{p.value}"' in body) for body in sent]
    assert set(classes[:8]) == {"CRITICAL", "HIGH"}
    assert set(classes[8:]) == {"NORMAL", "LOW"}


@respx.mock
async def test_a_delayed_message_does_not_hold_up_those_behind_it(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send(priority=Priority.CRITICAL, send_at=hub.clock.now().timestamp() + 60)
    due = await hub.send(priority=Priority.LOW)

    await hub.work()

    assert [call.request.headers["webhook-id"] for call in route.calls] == [due.message.id]


@pytest.mark.parametrize("seconds", [59.0, 61.0])
@respx.mock
async def test_a_scheduled_message_is_sent_at_its_time_and_not_before(hub: Hub, seconds: float) -> None:
    respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send(send_at=hub.clock.now().timestamp() + 60)

    hub.clock.advance(seconds)

    assert await hub.work() == (1 if seconds > 60 else 0)
