"""Auth's problems.

Problem
├── InvalidCredentials 401     ├── WeakPassword 422     ├── NoSuchUser 404
├── InvalidRefreshToken 401    ├── UnknownRole 422      ├── HashingBusy 503
├── InvalidAccessToken 401     └── SelfDemotion 409     └── AuthUnavailable 503
└── LoginThrottled 429
"""

from collections.abc import Sequence

from reference_impl.kit.problem import (
    Conflict,
    FieldError,
    NotFound,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
)


class InvalidCredentials(Unauthorized):
    """The same for an unknown address and a wrong password."""

    slug = "invalid-credentials"
    title = "E-mail address or password is wrong"

    def __init__(self) -> None:
        super().__init__("No account matches this e-mail address and password.")


class InvalidRefreshToken(Unauthorized):
    """Unknown, used, expired and revoked ones look alike."""

    slug = "invalid-refresh-token"
    title = "The refresh token is not valid"

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid. Log in again.", error="invalid_grant")


class InvalidAccessToken(Unauthorized):
    """Says nothing about which check failed."""

    slug = "invalid-access-token"
    title = "The access token is not valid"

    def __init__(self) -> None:
        super().__init__("This access token is not valid or no longer valid.", error="invalid_token")


class LoginThrottled(TooManyRequests):
    slug = "login-throttled"
    title = "Too many attempts to log in"

    def __init__(self, retry_after: float, *, is_first: bool = False) -> None:
        super().__init__("Too many attempts to log in. Wait, then try again.", retry_after=retry_after)
        self.is_first = is_first


class WeakPassword(Unprocessable):
    slug = "weak-password"
    title = "The password is too easy to guess"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Choose another password: {reason}.", errors=(FieldError(pointer="/password", detail=reason),)
        )


class UnknownRole(Unprocessable):
    slug = "unknown-role"
    title = "There is no such role"

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown roles: {', '.join(names)}. Known: {', '.join(known)}.",
            errors=(FieldError(pointer="/roles", detail="names a role that does not exist"),),
        )


class SelfDemotion(Conflict):
    slug = "self-demotion"
    title = "An administrator cannot take the right away from itself"

    def __init__(self) -> None:
        super().__init__("You would lose the right to manage roles. Let another administrator do it.")


class NoSuchUser(NotFound):
    """Also the answer for a user of another tenant."""

    slug = "no-such-user"
    title = "There is no such user"

    def __init__(self) -> None:
        super().__init__("No user has this id.")


class HashingBusy(Unavailable):
    """All hashing slots and their queue are full."""

    slug = "hashing-busy"
    title = "Too many logins at once"

    def __init__(self) -> None:
        super().__init__("Too many passwords are being checked. Try again in a moment.", retry_after=1)


class AuthUnavailable(Unavailable):
    """What this needs to be safe cannot be reached, so it is refused."""

    slug = "auth-unavailable"
    title = "Logging in is not possible at the moment"

    def __init__(self) -> None:
        super().__init__("A store that keeps logins safe cannot be reached. Try again.", retry_after=2)
