"""What a webhook says and under which id, the same on every attempt."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from reference_impl.hub.models import Message

Compose = Callable[[Message], bytes]
Identify = Callable[[Message], str]


def message_id(message: Message) -> str:
    """By the message's own id a receiver knows a repeated delivery."""
    return message.id


def compose(message: Message) -> bytes:
    """The body, byte for byte the same on every attempt, because receivers verify and compare it."""
    created = datetime.fromtimestamp(message.created_at, UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {
            "type": "message",
            "timestamp": created.replace("+00:00", "Z"),
            "data": {
                "id": message.id,
                "priority": message.priority.value,
                "subject": message.subject,
                "text": message.text,
                "data": json.loads(message.data) if message.data is not None else None,
            },
        },
        separators=(",", ":"),
    ).encode()
