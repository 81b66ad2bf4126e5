"""Webhook signatures: HMAC-SHA256 over `id.timestamp.raw-body`, as Standard Webhooks has it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Protocol

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of a secret, not a secret
_TOLERANCE_SECONDS = 300


class SignaturePolicy(Protocol):
    """Makes one signature of a delivery with one secret."""

    def __call__(self, secret: bytes, message_id: str, timestamp: int, body: bytes) -> str: ...


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
