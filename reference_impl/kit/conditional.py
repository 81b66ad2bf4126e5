"""Entity tags and the conditions a client may set on them (RFC 9110, section 13)."""

import hashlib
import re

from reference_impl.kit.problem import PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'(W/)?"([^"]*)"')
_CODING_SUFFIX = re.compile(r"-(gzip|br)$")


def strong_etag(*parts: object) -> str:
    """A tag for exactly this state; name every part that makes the state, such as id and version."""
    text = "\x1f".join(str(part) for part in parts)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def with_coding(etag: str, coding: str) -> str:
    """The tag of the same state in another content coding: other bytes, so another strong tag."""
    return f'{etag[:-1]}-{coding}"' if etag.endswith('"') else etag


def _tags(header: str) -> list[tuple[bool, str]]:
    return [(bool(weak), _CODING_SUFFIX.sub("", value)) for weak, value in _TAG.findall(header)]


def _opaque(etag: str) -> tuple[bool, str]:
    tags = _tags(etag)
    return tags[0] if tags else (True, etag)


def strong_match(header: str, etag: str) -> bool:
    """Whether If-Match names this tag; weak tags never match strongly."""
    weak, value = _opaque(etag)
    return header.strip() == "*" or (not weak and (False, value) in _tags(header))


def weak_match(header: str, etag: str) -> bool:
    """Whether If-None-Match names this tag, weak or strong."""
    value = _opaque(etag)[1]
    return header.strip() == "*" or any(value == named for _, named in _tags(header))


def check_if_match(header: str | None, etag: str) -> None:
    """Refuse an edit that does not name the state it edits: 428 without If-Match, 412 with an old one."""
    if header is None:
        raise PreconditionRequired("Send If-Match with the ETag of the version that you edit.")
    if not strong_match(header, etag):
        raise PreconditionFailed(
            "The resource is not the version that If-Match names. Read it again.", headers={"ETag": etag}
        )
