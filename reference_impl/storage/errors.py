"""The problems of storage.

Problem
├── NoSuchObject 404      ├── DigestMalformed 400    ├── ObjectTooLarge 413
├── ConditionFailed 412   ├── DigestMismatch 422     └── StoreDown 503
└── BlobMissing (never leaves: a read that raced a write)
"""

from reference_impl.kit.problem import (
    BadRequest,
    FieldError,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)


class BlobMissing(Exception):
    """The bytes of an entry are not there; another writer may have replaced them meanwhile."""


class NoSuchObject(NotFound):
    """No object of that key that the caller may see."""

    slug = "no-such-object"
    title = "There is no such object"

    def __init__(self) -> None:
        super().__init__("No object of yours has this key.")


class ConditionFailed(PreconditionFailed):
    """If-Match or If-None-Match does not hold."""

    def __init__(self) -> None:
        super().__init__("The object is not in the state that the request names.")


class DigestMalformed(BadRequest):
    slug = "digest-malformed"
    title = "The digest header cannot be read"

    def __init__(self, header: str) -> None:
        detail = f"{header} must hold sha-256 as a structured field, such as sha-256=:…:."
        super().__init__(detail, errors=(FieldError(pointer=f"/{header}", detail=detail, location="header"),))


class DigestMismatch(Unprocessable):
    """The bytes that arrived are not the bytes that were meant."""

    slug = "digest-mismatch"
    title = "The content does not match its digest"

    def __init__(self) -> None:
        super().__init__("The content's SHA-256 is not the one that the request names.")


class ObjectTooLarge(PayloadTooLarge):
    def __init__(self, limit: int) -> None:
        super().__init__(f"An object may have at most {limit} bytes.", limit=limit)


class StoreDown(Unavailable):
    slug = "object-store-down"

    def __init__(self) -> None:
        super().__init__("The object store does not answer. Try again in a moment.")
