"""The hub for its callers: enqueue, look, cancel, redrive, and the channels."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prometheus_client import Counter

from reference_impl.hub.commit import GroupCommit
from reference_impl.hub.decisions import HubPolicies, dead_letter_reason
from reference_impl.hub.errors import NoSuchChannel, NoSuchMessage, NotDead, NotQueued, UnknownChannel
from reference_impl.hub.models import (
    Attempt,
    ChannelHealth,
    Draft,
    Message,
    Outcome,
    Priority,
    QueueDepth,
    Selection,
    State,
)
from reference_impl.hub.ports import Channel, ChannelTable, MessageStore
from reference_impl.kit.access import Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id
from reference_impl.kit.paging import Page, UnknownCursor, decode_cursor, encode_cursor
from reference_impl.kit.telemetry import TraceContext, current_trace

_REDRIVE_AT_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message as its owner sees it."""

    message: Message
    reason: str | None
    attempts: Sequence[Attempt] = ()


class HubService:
    """What callers may do; delivering is the worker's."""

    def __init__(
        self,
        *,
        store: MessageStore,
        channels: ChannelTable,
        policies: HubPolicies,
        clock: Clock,
        logger: logging.Logger,
        counter: Counter,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._channels = channels
        self._policies = policies
        self._clock = clock
        self._logger = logger
        self._counter = counter
        self._wake = wake
        self._writer: GroupCommit[Message] = GroupCommit(store.enqueue)

    async def enqueue(self, principal: Principal, drafts: Sequence[Draft]) -> Sequence[MessageView]:
        """Make the messages durable, all or none, and return them; only then may anybody be told."""
        now = self._now()
        admitted = self._policies.admission(drafts, self._check)
        accepted = [new_message(draft, principal, now=now) for draft in admitted]

        async def commit() -> None:
            await self._writer.submit(accepted)

        await self._policies.acknowledge(commit)
        for message in accepted:
            self._counter.labels(State.QUEUED.value, message.channel).inc()
        self._wake()
        return [self._view(message) for message in accepted]

    async def get(self, principal: Principal, message_id: str) -> MessageView:
        message = await self._owned(principal, message_id)
        return self._view(message, await self._store.attempts(message.id))

    async def list(
        self, principal: Principal, selection: Selection, *, cursor: str | None, limit: int
    ) -> Page[MessageView]:
        """One page, the newest first; a cursor stays right whatever is added meanwhile."""
        found = await self._store.select(
            self._policies.ownership.reach(principal),
            selection,
            before=_before(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        more = len(found) > limit
        return Page(
            items=[self._view(message) for message in page],
            next_cursor=encode_cursor("hub", page[-1].sequence) if more else None,
        )

    async def cancel(self, principal: Principal, message_id: str) -> MessageView:
        message = await self._owned(principal, message_id)
        if not await self._store.cancel(message.id, at=self._now()):
            raise NotQueued((await self._owned(principal, message_id)).state.value)
        self._counter.labels(State.CANCELLED.value, message.channel).inc()
        return await self.get(principal, message_id)

    async def redrive(self, principal: Principal, message_id: str) -> MessageView:
        """Send a dead letter again, with a full set of attempts."""
        message = await self._owned(principal, message_id)
        if not await self._store.redrive(message.id, at=self._now()):
            raise NotDead((await self._owned(principal, message_id)).state.value)
        self._logger.info("message_redriven", extra={"message_id": message.id})
        self._wake()
        return await self.get(principal, message_id)

    async def redrive_all(self, principal: Principal, *, channel: str | None) -> int:
        """Redrive the newest hundred dead letters that the caller reaches; returns how many."""
        dead = await self._store.select(
            self._policies.ownership.reach(principal),
            Selection(state=State.DEAD, channel=channel),
            before=None,
            limit=_REDRIVE_AT_MOST,
        )
        now = self._now()
        redriven = [await self._store.redrive(message.id, at=now) for message in dead]
        self._wake()
        return sum(redriven)

    async def queues(self, principal: Principal) -> tuple[Sequence[QueueDepth], float]:
        """How full the caller's queues are, and when this was so."""
        now = self._now()
        return await self._store.depths(self._policies.ownership.reach(principal), now), now

    def channels(self) -> Sequence[Channel]:
        return tuple(self._channels.values())

    async def channel_health(self, channel_id: str) -> ChannelHealth:
        return await self._channel(channel_id).health()

    async def try_channel(self, principal: Principal, channel_id: str, recipient: str) -> Outcome:
        """Deliver one test message at once, past the queue, and say how it went."""
        channel = self._channel(channel_id)
        channel.check_recipient(recipient)
        draft = Draft(
            channel=channel_id,
            recipient=recipient,
            priority=Priority.NORMAL,
            subject="Test",
            text="This is a test message.",
            data=None,
            send_at=None,
            max_attempts=1,
        )
        return await channel.deliver(new_message(draft, principal, now=self._now()))

    def _check(self, draft: Draft) -> None:
        if draft.channel not in self._channels:
            raise UnknownChannel(tuple(self._channels))
        self._channels[draft.channel].check_recipient(draft.recipient)

    def _channel(self, channel_id: str) -> Channel:
        if channel_id not in self._channels:
            raise NoSuchChannel(tuple(self._channels))
        return self._channels[channel_id]

    async def _owned(self, principal: Principal, message_id: str) -> Message:
        ownership = self._policies.ownership
        message = await self._store.get(message_id, ownership.reach(principal))
        if message is None:
            raise NoSuchMessage
        if not ownership.permits(principal, owner=message.owner, tenant=message.tenant):
            raise NoSuchMessage
        return message

    def _view(self, message: Message, attempts: Sequence[Attempt] = ()) -> MessageView:
        reason = dead_letter_reason(message, self._policies)
        return MessageView(message=message, reason=reason, attempts=attempts)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def new_message(draft: Draft, principal: Principal, *, now: float) -> Message:
    """The message as it will stand in the queue, in the trace of whoever asks for it."""
    trace = current_trace() or TraceContext.new()
    return Message(
        id=new_id("msg"),
        owner=principal.subject,
        tenant=principal.tenant,
        channel=draft.channel,
        recipient=draft.recipient,
        priority=draft.priority,
        state=State.QUEUED,
        subject=draft.subject,
        text=draft.text,
        data=draft.data,
        traceparent=trace.header(),
        created_at=now,
        available_at=max(now, draft.send_at or now),
        max_attempts=draft.max_attempts,
    )


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case ("hub", int(sequence)) if 0 <= sequence < 2**63:
            return sequence
        case _:
            raise UnknownCursor
