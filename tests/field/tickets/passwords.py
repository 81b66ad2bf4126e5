"""Keeps passwords as salted scrypt hashes."""

import hashlib
import hmac
import secrets


def hashed(password: str) -> str:
    """Return a salted hash."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()}"


def is_password(password: str, stored: str) -> bool:
    """Compare in constant time."""
    salt, _, digest = stored.partition("$")
    found = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
    return hmac.compare_digest(found, digest)
