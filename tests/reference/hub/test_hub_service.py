"""What callers of the hub see: ownership, paging, cancelling, durability of the answer."""

import asyncio
from collections.abc import Sequence

import pytest

from reference_impl.hub.commit import GroupCommit
from reference_impl.hub.errors import NoSuchMessage, NotDead, NotQueued, RecipientRefused
from reference_impl.hub.models import Priority, Selection, State
from reference_impl.kit.paging import UnknownCursor, encode_cursor
from tests.reference.hub.conftest import ALICE, BOB, NORTH_ADMIN, SOUTH_ADMIN, Hub, draft

EVERYTHING = Selection()


async def test_only_the_owner_and_the_tenants_admin_can_read_a_message(hub: Hub) -> None:
    sent = await hub.send(ALICE)

    assert (await hub.service.get(ALICE, sent.message.id)).message == (
        await hub.service.get(NORTH_ADMIN, sent.message.id)
    ).message
    for stranger in (BOB, SOUTH_ADMIN):
        with pytest.raises(NoSuchMessage):
            await hub.service.get(stranger, sent.message.id)
        with pytest.raises(NoSuchMessage):
            await hub.service.cancel(stranger, sent.message.id)
        assert (await hub.service.list(stranger, EVERYTHING, cursor=None, limit=10)).items == []


async def test_pages_neither_repeat_nor_miss_a_message_when_new_ones_arrive(hub: Hub) -> None:
    sent = [(await hub.send()).message.id for _ in range(5)]

    first = await hub.service.list(ALICE, EVERYTHING, cursor=None, limit=2)
    await hub.send()
    second = await hub.service.list(ALICE, EVERYTHING, cursor=first.next_cursor, limit=2)
    third = await hub.service.list(ALICE, EVERYTHING, cursor=second.next_cursor, limit=2)

    seen = [view.message.id for page in (first, second, third) for view in page.items]
    assert seen == sent[::-1]
    assert third.next_cursor is None


@pytest.mark.parametrize("cursor", ["", "!", encode_cursor("other", 1), encode_cursor("hub", "x")])
async def test_a_cursor_of_another_list_is_refused(hub: Hub, cursor: str) -> None:
    with pytest.raises(UnknownCursor):
        await hub.service.list(ALICE, EVERYTHING, cursor=cursor, limit=2)


async def test_a_waiting_message_can_be_cancelled_once(hub: Hub) -> None:
    sent = await hub.send()

    cancelled = await hub.service.cancel(ALICE, sent.message.id)

    assert cancelled.message.state is State.CANCELLED
    assert await hub.work() == 0
    with pytest.raises(NotQueued):
        await hub.service.cancel(ALICE, sent.message.id)


async def test_a_living_message_cannot_be_redriven(hub: Hub) -> None:
    sent = await hub.send()

    with pytest.raises(NotDead):
        await hub.service.redrive(ALICE, sent.message.id)


async def test_a_batch_with_one_refused_recipient_leaves_no_trace(hub: Hub) -> None:
    with pytest.raises(RecipientRefused):
        await hub.service.enqueue(ALICE, [draft(), draft(recipient="https://127.0.0.1/")])

    assert (await hub.service.list(ALICE, EVERYTHING, cursor=None, limit=10)).items == []


async def test_queues_count_what_the_caller_reaches(hub: Hub) -> None:
    await hub.send(ALICE, priority=Priority.HIGH)
    await hub.send(BOB, priority=Priority.HIGH, send_at=hub.clock.now().timestamp() + 60)
    hub.clock.advance(5)

    own, now = await hub.service.queues(ALICE)
    everybodys, _ = await hub.service.queues(NORTH_ADMIN)

    high = next(depth for depth in own if depth.priority is Priority.HIGH)
    assert (high.ready, high.scheduled, now - (high.oldest_ready_at or 0)) == (1, 0, 5)
    assert [(d.ready, d.scheduled) for d in everybodys if d.priority is Priority.HIGH] == [(1, 1)]


async def test_a_state_makes_a_dead_letter_that_its_owner_can_list(hub: Hub) -> None:
    values = await hub.assembled.states["a dead letter"]({"token": "alice"})

    dead = await hub.service.list(ALICE, Selection(state=State.DEAD), cursor=None, limit=10)
    assert [view.message.id for view in dead.items] == [values["message_id"]]
    assert (
        dead.items[0].reason
        == "address_refused after 1 of 1 attempts: A webhook URL must name a public host."
    )


async def test_an_enqueue_returns_only_after_the_commit() -> None:
    gate = asyncio.Event()
    written: list[int] = []

    async def write(rows: Sequence[int]) -> None:
        await gate.wait()
        written.extend(rows)

    commit = GroupCommit(write)
    first = asyncio.create_task(commit.submit([1]))
    second = asyncio.create_task(commit.submit([2]))
    await asyncio.sleep(0)

    assert not first.done()
    gate.set()
    await asyncio.gather(first, second)
    assert written == [1, 2]


async def test_writers_that_arrive_together_share_one_transaction() -> None:
    groups: list[Sequence[int]] = []

    async def write(rows: Sequence[int]) -> None:
        groups.append(list(rows))

    commit = GroupCommit(write)
    await asyncio.gather(*(commit.submit([n]) for n in range(50)))

    assert groups == [list(range(50))]


async def test_one_row_that_cannot_be_written_fails_its_own_writer_only() -> None:
    async def write(rows: Sequence[int]) -> None:
        if 13 in rows:
            raise ValueError("13")

    commit = GroupCommit(write)
    results = await asyncio.gather(*(commit.submit([n]) for n in (12, 13, 14)), return_exceptions=True)

    assert [type(result).__name__ for result in results] == ["NoneType", "ValueError", "NoneType"]
