"""Digest headers (RFC 9530): reading and writing the sha-256 of a representation."""

import base64
import hmac
import re
from collections.abc import Mapping

from reference_impl.storage.errors import DigestMalformed, DigestMismatch

HEADERS = ("repr-digest", "content-digest")
_MEMBER = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


def format_digest(digest: bytes) -> str:
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def named_digests(headers: Mapping[str, str]) -> tuple[bytes, ...]:
    """The digests that a request names for its content; other algorithms are ignored."""
    named = []
    for header in HEADERS:
        value = headers.get(header)
        if value is None:
            continue
        members = [member.strip() for member in value.split(",")]
        match = next(filter(None, map(_MEMBER.fullmatch, members)), None)
        if match is None:
            raise DigestMalformed(header)
        named.append(base64.b64decode(match[1]))
    return tuple(named)


def check_digest(named: tuple[bytes, ...], actual: bytes) -> None:
    """Refuse content that is not what the request says it is."""
    if not all(hmac.compare_digest(each, actual) for each in named):
        raise DigestMismatch
