"""The hub's wire types."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema

from reference_impl.hub.models import (
    Attempt,
    ChannelHealth,
    Delivered,
    Draft,
    Health,
    Outcome,
    Priority,
    QueueDepth,
    State,
)
from reference_impl.hub.ports import Channel
from reference_impl.hub.registry import discover
from reference_impl.hub.service import MessageView
from reference_impl.kit.model import Integer, Text, Timestamp, Wire
from reference_impl.kit.paging import Page

_CHANNELS = tuple(sorted(discover()))
_URL = r"^https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[!-~]*)?$"
_DATA_BYTES = 32 * 1024


def _known_channel(value: str) -> str:
    if value not in _CHANNELS:
        raise ValueError(f"unknown channel; known: {', '.join(_CHANNELS)}")
    return value


def _storable(value: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
    try:
        size = len(json.dumps(value, allow_nan=False))
    except ValueError:
        raise ValueError("must hold only numbers that JSON knows") from None
    if size > _DATA_BYTES:
        raise ValueError(f"must be at most {_DATA_BYTES} bytes as JSON")
    return value


ChannelId = Annotated[
    str,
    AfterValidator(_known_channel),
    WithJsonSchema({"type": "string", "enum": list(_CHANNELS), "description": "The way to send."}),
]
Recipient = Annotated[
    Text,
    Field(
        pattern=_URL,
        max_length=2048,
        description="Where to send; for a webhook an https URL with a public host.",
        examples=["https://receiver.example.com/hooks"],
    ),
]
JsonObject = Annotated[
    dict[str, JsonValue],
    Field(max_length=100),
    AfterValidator(_storable),
]


class MessageIn(Wire):
    """A message to send."""

    channel: ChannelId
    to: Recipient
    text: Annotated[Text, Field(min_length=1, description="The message itself.")]
    subject: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    data: JsonObject | None = Field(default=None, description="Facts that go with the message.")
    priority: Annotated[Priority, Field(strict=False)] = Field(
        default=Priority.NORMAL,
        description=(
            "Higher classes are delivered first. A message rises by one class for every five minutes that it "
            "has been due, so none waits for ever."
        ),
    )
    send_at: Timestamp | None = Field(default=None, description="Not before this instant.")
    max_attempts: Annotated[Integer, Field(ge=1, le=20)] = Field(
        default=5,
        description=(
            "How often delivery is tried. The pauses between attempts grow up to five minutes, or to what "
            "the receiver asks for in Retry-After."
        ),
    )

    def to_model(self) -> Draft:
        return Draft(
            channel=self.channel,
            recipient=self.to,
            priority=self.priority,
            subject=self.subject,
            text=self.text,
            data=None if self.data is None else json.dumps(self.data, allow_nan=False),
            send_at=None if self.send_at is None else self.send_at.timestamp(),
            max_attempts=self.max_attempts,
        )


class BatchIn(Wire):
    """Up to a hundred messages, accepted all or none."""

    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=100)]


class RedriveIn(Wire):
    """Which dead letters to send again."""

    channel: ChannelId | None = None


class TestIn(Wire):
    """Where to send the test message."""

    to: Recipient


class AttemptOut(Wire):
    number: Integer
    started_at: Timestamp
    finished_at: Timestamp
    outcome: str = Field(description="`delivered`, or the kind of failure.")
    status: Integer | None
    detail: str | None

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptOut":
        return cls(
            number=attempt.number,
            started_at=_instant(attempt.started_at),
            finished_at=_instant(attempt.finished_at),
            outcome=attempt.failure.kind.value if attempt.failure else "delivered",
            status=attempt.status,
            detail=attempt.failure.detail if attempt.failure else None,
        )


class MessageOut(Wire):
    """A message as its owner sees it."""

    id: str
    channel: str
    to: str
    subject: str | None
    text: str
    data: dict[str, JsonValue] | None
    priority: Priority
    state: State
    created_at: Timestamp
    available_at: Timestamp
    finished_at: Timestamp | None
    attempts: Integer
    max_attempts: Integer
    redrives: Integer
    reason: str | None = Field(description="Why it is a dead letter; null unless it is one.")

    @classmethod
    def of(cls, view: MessageView) -> "MessageOut":
        return cls(**_members(view))


class MessageDetail(MessageOut):
    """A message with the history of its attempts."""

    history: list[AttemptOut]

    @classmethod
    def of(cls, view: MessageView) -> "MessageDetail":
        history = [AttemptOut.of(attempt) for attempt in view.attempts]
        return cls(**_members(view), history=history)


class MessagePage(Wire):
    items: list[MessageOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[MessageView]) -> "MessagePage":
        return cls(items=[MessageOut.of(view) for view in page.items], next_cursor=page.next_cursor)


class BatchOut(Wire):
    messages: list[MessageOut]

    @classmethod
    def of(cls, views: Sequence[MessageView]) -> "BatchOut":
        return cls(messages=[MessageOut.of(view) for view in views])


class RedriveOut(Wire):
    redriven: Integer


class QueueOut(Wire):
    priority: Priority
    ready: Integer
    scheduled: Integer
    leased: Integer
    oldest_ready_seconds: float | None


class QueuesOut(Wire):
    queues: list[QueueOut]

    @classmethod
    def of(cls, depths: Sequence[QueueDepth], now: float) -> "QueuesOut":
        return cls(queues=[_queue(depth, now) for depth in depths])


class ChannelOut(Wire):
    id: str
    title: str

    @classmethod
    def of(cls, channel: Channel) -> "ChannelOut":
        return cls(id=channel.id, title=channel.title)


class ChannelsOut(Wire):
    channels: list[ChannelOut]


class ChannelHealthOut(Wire):
    channel: str
    status: Health
    reason: str | None

    @classmethod
    def of(cls, channel: str, health: ChannelHealth) -> "ChannelHealthOut":
        return cls(channel=channel, status=health.status, reason=health.reason)


class TestOut(Wire):
    delivered: bool
    outcome: str = Field(description="`delivered`, or the kind of failure.")

    @classmethod
    def of(cls, outcome: Outcome) -> "TestOut":
        if isinstance(outcome, Delivered):
            return cls(delivered=True, outcome="delivered")
        return cls(delivered=False, outcome=outcome.kind.value)


def _queue(depth: QueueDepth, now: float) -> QueueOut:
    oldest = None if depth.oldest_ready_at is None else max(0.0, now - depth.oldest_ready_at)
    return QueueOut(
        priority=depth.priority,
        ready=depth.ready,
        scheduled=depth.scheduled,
        leased=depth.leased,
        oldest_ready_seconds=oldest,
    )


def _members(view: MessageView) -> dict[str, Any]:
    message = view.message
    return {
        "id": message.id,
        "channel": message.channel,
        "to": message.recipient,
        "subject": message.subject,
        "text": message.text,
        "data": None if message.data is None else json.loads(message.data),
        "priority": message.priority,
        "state": message.state,
        "created_at": _instant(message.created_at),
        "available_at": _instant(message.available_at),
        "finished_at": None if message.finished_at is None else _instant(message.finished_at),
        "attempts": message.attempts,
        "max_attempts": message.max_attempts,
        "redrives": message.redrives,
        "reason": view.reason,
    }


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
