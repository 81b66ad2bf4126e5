"""Identifiers that sort by time, and secrets that cannot be guessed."""

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter that reads as a digit
_TIME_BITS = 48
_RANDOM_BITS = 80
_LENGTH = 26


def new_id(prefix: str) -> str:
    """Return a new identifier such as `usr_01J…`; later ones sort after earlier ones by millisecond."""
    milliseconds = time.time_ns() // 1_000_000 & ((1 << _TIME_BITS) - 1)
    value = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    text = "".join(_ALPHABET[value >> shift & 31] for shift in range((_LENGTH - 1) * 5, -1, -5))
    return f"{prefix}_{text}"


def new_secret(length: int = 32) -> str:
    """Return `length` random bytes as URL-safe text."""
    return secrets.token_urlsafe(length)
