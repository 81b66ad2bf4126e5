"""The hub's seeded defects are wrong where they say so, and counted only there."""

from types import SimpleNamespace

import httpx
import pytest
import respx

from reference_impl.defects import Counters
from reference_impl.hub.errors import RecipientRefused
from reference_impl.hub.models import Failure, FailureKind, Priority, Selection, State
from reference_impl.hub.signing import parse_secret, verify
from tests.reference.hub.conftest import ALICE, RECEIVER_BY_ADDRESS, SECRET, Hub, draft


def with_defect(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("policies", [name], indirect=True, ids=[name])


@with_defect("webhook-timestamp-unsigned")
@respx.mock
async def test_a_signature_without_its_timestamp_counts_when_a_receiver_got_it(
    hub: Hub, counters: Counters
) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS)
    route.side_effect = [httpx.ConnectError("down"), httpx.Response(204)]
    await hub.send()

    await hub.work()
    unreachable = counters.take()
    hub.clock.advance(600)
    await hub.work()

    request = route.calls.last.request
    now = hub.clock.now().timestamp()
    assert not verify([parse_secret(SECRET)], request.headers, request.content, now=now)
    assert (unreachable, counters.take()) == ((1, 0), (1, 1))


@with_defect("webhook-timestamp-unsigned:twin")
@respx.mock
async def test_a_second_signature_beside_the_right_one_is_not_wrong(hub: Hub, counters: Counters) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send()

    await hub.work()

    request = route.calls.last.request
    assert verify([parse_secret(SECRET)], request.headers, request.content, now=hub.clock.now().timestamp())
    assert len(request.headers["webhook-signature"].split()) == 2
    assert counters.take() == (1, 0)


@with_defect("hub-priority-ignored")
@respx.mock
async def test_arrival_before_priority_counts_only_when_something_is_left_waiting(
    hub: Hub, counters: Counters
) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send(priority=Priority.LOW)
    await hub.send(priority=Priority.HIGH)
    await hub.work()
    nothing_waits = counters.take()
    for priority in (Priority.LOW, Priority.CRITICAL):
        for _ in range(8):
            await hub.send(priority=priority, text=priority.value)

    await hub.work()

    assert all(b"LOW" in call.request.content for call in list(route.calls)[-8:])
    assert (nothing_waits, counters.take()) == ((1, 0), (1, 1))


@with_defect("dead-letter-without-reason")
async def test_a_silent_dead_letter_counts_when_it_is_shown(hub: Hub, counters: Counters) -> None:
    await hub.assembled.states["a dead letter"]({"token": "alice"})
    unseen = counters.take()

    page = await hub.service.list(ALICE, Selection(state=State.DEAD), cursor=None, limit=5)

    assert [view.reason for view in page.items] == [""]
    assert (unseen, counters.take()) == ((0, 0), (1, 1))


@with_defect("dead-letter-without-reason:twin")
async def test_other_words_for_the_reason_are_not_wrong(hub: Hub, counters: Counters) -> None:
    await hub.assembled.states["a dead letter"]({"token": "alice"})

    page = await hub.service.list(ALICE, Selection(state=State.DEAD), cursor=None, limit=5)

    assert "address_refused after 1 of 1 attempts" in (page.items[0].reason or "")
    assert counters.take() == (1, 0)


@with_defect("hub-settlement-forgotten")
@respx.mock
async def test_a_delivery_that_was_not_written_down_counts_when_it_is_made_again(
    hub: Hub, counters: Counters
) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send()
    await hub.work()
    once = counters.take()

    for _ in range(3):
        hub.clock.advance(20)
        await hub.work()

    assert len(route.calls) == 2
    assert (once, counters.take()) == ((1, 0), (0, 1))


@with_defect("hub-cancel-ignored")
@respx.mock
async def test_what_is_shown_as_cancelled_is_delivered_all_the_same(hub: Hub, counters: Counters) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    view = await hub.send(send_at=hub.clock.now().timestamp() + 60)

    shown = await hub.service.cancel(ALICE, view.message.id)
    hub.clock.advance(61)
    await hub.work()

    assert (shown.message.state, len(route.calls)) == (State.CANCELLED, 1)
    assert counters.take() == (1, 1)


@with_defect("hub-batch-partly-accepted")
async def test_a_batch_without_its_bad_messages_counts_and_a_single_bad_one_is_refused(
    hub: Hub, counters: Counters
) -> None:
    good, bad = draft(), draft(recipient="https://10.0.0.7/")

    accepted = await hub.service.enqueue(ALICE, [good, bad, good])
    with pytest.raises(RecipientRefused):
        await hub.service.enqueue(ALICE, [bad])

    assert len(accepted) == 2
    assert counters.take() == (2, 1)


@with_defect("hub-low-priority-starved")
@respx.mock
async def test_a_message_that_never_ages_counts_when_a_newer_one_goes_first(
    hub: Hub, counters: Counters
) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send(priority=Priority.LOW)
    hub.clock.advance(1000)
    for _ in range(8):
        await hub.send(priority=Priority.CRITICAL, text="urgent")

    await hub.work()

    assert all(b"urgent" in call.request.content for call in route.calls)
    assert counters.take() == (1, 1)


@pytest.mark.parametrize("policies", ["retry-pauses-uncapped"], indirect=True)
async def test_a_pause_counts_only_beyond_the_right_cap(hub: Hub, counters: Counters) -> None:
    failure = Failure(kind=FailureKind.SERVER_ERROR, detail="The receiver answered 503.", status=503)
    backoff = hub.kit.policies["hub.backoff"]
    always = SimpleNamespace(random=lambda: 1.0)

    pauses = [backoff(attempt, failure, always) for attempt in (1, 9, 14)]

    assert pauses == [1.0, 256.0, 300.0 * 2**5]
    assert counters.take() == (3, 1)
