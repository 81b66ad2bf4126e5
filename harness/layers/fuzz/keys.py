"""Idempotency keys of our own: what was sent under one is not sent under it again."""

import uuid

NAME = "Idempotency-Key"


def fresh() -> str:
    """Return a key that nobody used."""
    return str(uuid.uuid4())


def is_fresh(key: str) -> bool:
    """Whether a key that was sent may be one of these."""
    try:
        return uuid.UUID(key).version == 4
    except ValueError:
        return False
