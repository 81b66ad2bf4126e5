"""What auth speaks of: users, sessions, refresh tokens, signing keys, audit events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_TENANT = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a request comes from; only for throttling and the audit log."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. Its generation grows when all its access tokens must die at once."""

    id: str
    tenant: str
    email: str
    password_hash: str = field(repr=False)
    roles: frozenset[str]
    generation: int = 0
    generation_changed_at: datetime | None = None
    version: int = 1
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One login and every refresh token that came of it."""

    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshClaim:
    """A refresh token as it was presented; exactly one presentation is the first use."""

    family: Family
    expires_at: datetime
    first_use: bool


class RefreshDecision(StrEnum):
    """What happens to a presented refresh token."""

    ROTATE = "rotate"
    REFUSE = "refuse"
    REVOKE_FAMILY = "revoke-family"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What a login or a refresh hands out; the only place where a refresh token is in the clear."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """The claims of one of our access tokens."""

    issuer: str
    audience: tuple[str, ...]
    subject: str
    tenant: str
    roles: frozenset[str]
    token_id: str
    family: str
    generation: int
    issued_at: float
    expires_at: float
    not_before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One Ed25519 key. It signs until it is retired and verifies until the last token of it has expired."""

    id: str
    private: Mapping[str, str] = field(repr=False)
    created_at: datetime
    retired_at: datetime | None = None


class Action(StrEnum):
    """What the audit log records."""

    USER_REGISTERED = "user.registered"
    REGISTRATION_REPEATED = "user.registration-repeated"
    LOGIN = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGIN_THROTTLED = "login.throttled"
    TOKEN_REFRESHED = "token.refreshed"  # noqa: S105 - the name of an event, no secret
    TOKEN_REFUSED = "token.refused"  # noqa: S105 - the name of an event, no secret
    TOKEN_REUSED = "token.reused"  # noqa: S105 - the name of an event, no secret
    LOGOUT = "logout"
    LOGOUT_ALL = "logout.all"
    ROLES_CHANGED = "roles.changed"
    KEY_ROTATED = "key.rotated"


class Result(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What happened, before it has its place in the chain. Details never hold secrets."""

    action: Action
    result: Result
    actor: str
    subject: str = ""
    caller: Caller = field(default_factory=Caller)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """A link of the chain: its hash covers everything in it and the hash before."""

    sequence: int
    at: datetime
    action: str
    result: str
    actor: str
    subject: str
    address: str
    request_id: str
    details: Mapping[str, str]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last link as it was written beside the chain: it betrays a tail that was cut."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """Whether the chain holds; if not, the first bad place and what is wrong with it."""

    checked: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.first_bad is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationState:
    """What the stores say about a token's family, its user and the signing keys."""

    token_revoked: bool = False
    family_revoked: bool = False
    generation: int = 0
    keys_version: int | None = None
    """None when the store that counts key changes cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of permissions; it has all those of the roles it inherits from."""

    name: str
    inherits: Sequence[str]
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long a refresh token lasts unused, and a login at the very most."""

    refresh: timedelta = timedelta(days=7)
    family: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Attempts that are evaluated per window."""

    window_seconds: int = 900
    per_account_and_address: int = 10
    per_account: int = 50
    per_address: int = 100
    refreshes_per_address: int = 600

    def scaled(self, factor: float) -> "Limits":
        return Limits(
            window_seconds=self.window_seconds,
            per_account_and_address=max(1, round(self.per_account_and_address * factor)),
            per_account=max(1, round(self.per_account * factor)),
            per_address=max(1, round(self.per_address * factor)),
            refreshes_per_address=max(1, round(self.refreshes_per_address * factor)),
        )
