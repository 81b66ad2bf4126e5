"""What a webhook says of itself: its signature (Standard Webhooks), its trace, its idempotency key."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Protocol

from reference_impl.hub.models import Message
from reference_impl.kit.telemetry import TraceContext

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of a secret, not a secret
_TOLERANCE_SECONDS = 300


class SignaturePolicy(Protocol):
    """Makes one signature of a delivery with one secret."""

    def __call__(self, secret: bytes, message_id: str, timestamp: int, body: bytes) -> str: ...


class TracePolicy(Protocol):
    """Says under which trace a delivery goes out, from what the message carries."""

    def __call__(self, traceparent: str) -> TraceContext: ...


class KeyPolicy(Protocol):
    """Says by which idempotency key a receiver knows an attempt."""

    def __call__(self, message: Message) -> str: ...


def child_of_request(traceparent: str) -> TraceContext:
    """Go on with the trace of the request that enqueued the message."""
    return (TraceContext.parse(traceparent) or TraceContext.new()).child()


def same_on_every_attempt(message: Message) -> str:
    """The message's own id, so that a receiver takes every attempt for the same delivery."""
    return message.id


def sign_id_timestamp_and_body(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Cover everything that a receiver must be able to trust."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def parse_secret(text: str) -> bytes:
    """Read a `whsec_…` secret."""
    return base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)


def format_secret(secret: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def verify(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """What a receiver does: any signature by any secret, in constant time, within five minutes."""
    try:
        timestamp = int(headers["webhook-timestamp"])
        message_id, given = headers["webhook-id"], headers["webhook-signature"].split()
    except (KeyError, ValueError):
        return False
    if abs(now - timestamp) > _TOLERANCE_SECONDS:
        return False
    expected = [sign_id_timestamp_and_body(secret, message_id, timestamp, body) for secret in secrets]
    return any(hmac.compare_digest(one, other) for one in expected for other in given)
