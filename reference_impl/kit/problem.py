"""Problem details (RFC 9457): one error tree, one document shape, and the schema made from the classes.

Problem
├── BadRequest 400            ├── PreconditionFailed 412     ├── TooManyRequests 429
├── Unauthorized 401          ├── PayloadTooLarge 413        ├── InternalError 500
├── Forbidden 403             ├── UnsupportedMedia 415       ├── BadGateway 502
├── NotFound 404              ├── Unprocessable 422          └── Unavailable 503
├── MethodNotAllowed 405      └── PreconditionRequired 428
├── NotAcceptable 406
├── RequestTimeout 408
├── Conflict 409
└── Gone 410
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import quote

MEDIA_TYPE = "application/problem+json"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One thing that is wrong with one member of the request."""

    pointer: str
    detail: str
    location: str = "body"

    def document(self) -> dict[str, object]:
        return {"pointer": self.pointer, "detail": self.detail, "in": self.location}


class Problem(Exception):
    """An answer that says what happened; the gateway renders it."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] = _NO_HEADERS,
        **extensions: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers)
        self.extensions = extensions

    def document(self, *, public_url: str, instance: str, request_id: str) -> dict[str, object]:
        """The members of the answer's body; extensions never replace the standard ones.

        `instance` is the path as it was understood; the member is a URI reference, so it is escaped again.
        """
        document: dict[str, object] = dict(self.extensions)
        document |= {
            "type": f"{public_url.rstrip('/')}/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": quote(instance, safe="/:@!$&'()*+,;=~"),
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [error.document() for error in self.errors]
        return document


class InternalError(Problem):
    """Nothing of the cause may leave the process."""


class BadRequest(Problem):
    status = 400
    slug = "bad-request"
    title = "The request cannot be understood"


class Unauthorized(Problem):
    """No, or no valid, credentials. `challenge` adds parameters to the WWW-Authenticate header."""

    status = 401
    slug = "unauthorized"
    title = "Valid credentials are needed"

    def __init__(
        self,
        detail: str = "This needs a valid access token.",
        *,
        error: str | None = None,
        challenge: Mapping[str, str] = _NO_HEADERS,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] = _NO_HEADERS,
        **extensions: object,
    ) -> None:
        parameters = {"realm": "core"} | ({"error": error} if error else {}) | dict(challenge)
        value = "Bearer " + ", ".join(f'{name}="{text}"' for name, text in parameters.items())
        super().__init__(detail, errors=errors, headers={"WWW-Authenticate": value, **headers}, **extensions)
        self.error = error


class Forbidden(Problem):
    status = 403
    slug = "forbidden"
    title = "The identity may not do this"


class NotFound(Problem):
    status = 404
    slug = "not-found"
    title = "There is nothing here"


class MethodNotAllowed(Problem):
    status = 405
    slug = "method-not-allowed"
    title = "The method does not exist on this resource"


class NotAcceptable(Problem):
    status = 406
    slug = "not-acceptable"
    title = "No acceptable representation"


class RequestTimeout(Problem):
    status = 408
    slug = "request-timeout"
    title = "The request did not arrive in time"


class Conflict(Problem):
    status = 409
    slug = "conflict"
    title = "The request contradicts the current state"


class Gone(Problem):
    status = 410
    slug = "gone"
    title = "This is no longer here"


class PreconditionFailed(Problem):
    status = 412
    slug = "precondition-failed"
    title = "The resource changed in the meantime"


class PayloadTooLarge(Problem):
    status = 413
    slug = "payload-too-large"
    title = "The request body is too large"


class UnsupportedMedia(Problem):
    status = 415
    slug = "unsupported-media-type"
    title = "The body's media type is not supported here"


class Unprocessable(Problem):
    status = 422
    slug = "unprocessable"
    title = "The request is well formed but not valid"


class PreconditionRequired(Problem):
    status = 428
    slug = "precondition-required"
    title = "The request must be conditional"


class _Later(Problem):
    """A problem that passes; says when to come back."""

    def __init__(
        self,
        detail: str,
        *,
        retry_after: float = 1.0,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] = _NO_HEADERS,
        **extensions: object,
    ) -> None:
        wait = {"Retry-After": str(max(1, ceil(retry_after)))}
        super().__init__(detail, errors=errors, headers={**wait, **headers}, **extensions)
        self.retry_after = retry_after


class TooManyRequests(_Later):
    status = 429
    slug = "too-many-requests"
    title = "Too many requests"


class BadGateway(Problem):
    status = 502
    slug = "bad-gateway"
    title = "A service behind this one gave no usable answer"


class Unavailable(_Later):
    status = 503
    slug = "unavailable"
    title = "This cannot be served at the moment"


def problem_schema() -> dict[str, object]:
    """The JSON Schema of every problem document; extension members are allowed."""
    text: dict[str, object] = {"type": "string"}
    return {
        "type": "object",
        "description": "Problem details as of RFC 9457.",
        "required": ["type", "title", "status", "detail", "instance", "request_id"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Stable name of the problem."},
            "title": {**text, "description": "What this type of problem is."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."},
            "detail": {**text, "description": "What happened this time."},
            "instance": {**text, "description": "The path that was asked."},
            "request_id": {**text, "description": "Quote this when asking for help."},
            "errors": {
                "type": "array",
                "description": "What is wrong with which member of the request.",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail", "in"],
                    "properties": {
                        "pointer": {**text, "description": "JSON Pointer to the member."},
                        "detail": {**text, "description": "What is wrong with it."},
                        "in": {
                            **text,
                            "description": "Where the member stands: body, query, path or header.",
                        },
                    },
                },
            },
        },
    }


def problem_responses(*problems: type[Problem]) -> dict[int | str, dict[str, object]]:
    """The `responses=` entries that document these problems on an operation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {problem.status: {"description": problem.title + ".", "content": content} for problem in problems}
