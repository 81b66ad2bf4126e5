"""Auth's wire types."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from reference_impl.auth.models import Action, AuditEvent, ChainVerdict, Result, Role, TokenPair, User
from reference_impl.auth.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from reference_impl.auth.roles import permissions_of
from reference_impl.kit.conditional import strong_etag
from reference_impl.kit.model import Integer, Text, Timestamp, Wire
from reference_impl.kit.paging import Page

_EMAIL = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,3}$"

#: At most three different characters, in the ECMA dialect that JSON Schema speaks.
_FEW_CHARACTERS = r"^([\s\S])\1*(?:(?!\1)([\s\S])(?:\1|\2)*(?:(?!\1|\2)([\s\S])(?:\1|\2|\3)*)?)?$"

Email = Annotated[
    Text,
    Field(
        pattern=_EMAIL,
        max_length=254,
        description="An e-mail address; upper and lower case are the same.",
        examples=["reader@example.org"],
    ),
]
RoleName = Literal["reader", "user", "operator", "admin"]


class RegisterIn(Wire):
    email: Email
    password: Annotated[
        str,
        Field(
            min_length=MINIMUM_LENGTH,
            max_length=MAXIMUM_LENGTH,
            description="Any characters; no common password, no repetition of a few characters.",
            examples=["nine green bottles on a wall"],
            # The rules know more than a schema can say; this much of them it can.
            json_schema_extra={"not": {"pattern": _FEW_CHARACTERS}},
        ),
    ]


class RegisteredOut(Wire):
    """The same for a free address and for one that has an account."""

    status: Literal["accepted"] = "accepted"
    detail: str = "If the address was free, the account exists now. Log in with it."


class LoginIn(Wire):
    email: Email
    password: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAXIMUM_LENGTH,
            description="The account's password.",
            examples=["nine green bottles on a wall"],
        ),
    ]


class RefreshIn(Wire):
    refresh_token: Annotated[
        Text, Field(min_length=1, max_length=512, description="The newest refresh token of a session.")
    ]


class TokensOut(Wire):
    access_token: Annotated[str, Field(description="A signed token of type at+jwt.")]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme, no secret
    expires_in: Annotated[Integer, Field(description="Seconds until the access token expires.")]
    refresh_token: Annotated[str, Field(description="Good for one refresh; using it twice ends the session.")]

    @classmethod
    def of(cls, pair: TokenPair) -> "TokensOut":
        return cls(
            access_token=pair.access_token,
            expires_in=pair.expires_in,
            refresh_token=pair.refresh_token,
        )


class MeOut(Wire):
    id: str
    tenant: str
    email: str
    roles: list[str]
    permissions: list[str]
    created_at: Timestamp

    @classmethod
    def of(cls, user: User) -> "MeOut":
        return cls(
            id=user.id,
            tenant=user.tenant,
            email=user.email,
            roles=sorted(user.roles),
            permissions=sorted(permissions_of(user.roles)),
            created_at=user.created_at,
        )


class RoleOut(Wire):
    name: str
    inherits: list[str]
    permissions: Annotated[list[str], Field(description="Own and inherited ones together.")]


class RolesOut(Wire):
    roles: list[RoleOut]

    @classmethod
    def of(cls, roles: Sequence[Role]) -> "RolesOut":
        return cls(
            roles=[
                RoleOut(name=role.name, inherits=list(role.inherits), permissions=sorted(role.permissions))
                for role in roles
            ]
        )


class RolesIn(Wire):
    roles: Annotated[list[RoleName], Field(min_length=1, max_length=4, description="The roles from now on.")]


class UserOut(Wire):
    id: str
    tenant: str
    email: str
    roles: list[str]
    created_at: Timestamp
    etag: Annotated[str, Field(description="Send it in If-Match to change this user.")]

    @classmethod
    def of(cls, user: User) -> "UserOut":
        return cls(
            id=user.id,
            tenant=user.tenant,
            email=user.email,
            roles=sorted(user.roles),
            created_at=user.created_at,
            etag=etag_of(user),
        )


class UsersPage(Wire):
    items: list[UserOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[User]) -> "UsersPage":
        return cls(items=[UserOut.of(user) for user in page.items], next_cursor=page.next_cursor)


class AuditEventOut(Wire):
    sequence: Integer
    at: Timestamp
    action: Action
    result: Result
    actor: str
    subject: str
    address: str
    request_id: str
    details: dict[str, str]
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, event: AuditEvent) -> "AuditEventOut":
        return cls(
            sequence=event.sequence,
            at=event.at,
            action=Action(event.action),
            result=Result(event.result),
            actor=event.actor,
            subject=event.subject,
            address=event.address,
            request_id=event.request_id,
            details=dict(event.details),
            previous_hash=event.previous_hash,
            hash=event.hash,
        )


class AuditPage(Wire):
    items: list[AuditEventOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[AuditEvent]) -> "AuditPage":
        return cls(items=[AuditEventOut.of(event) for event in page.items], next_cursor=page.next_cursor)


class VerificationOut(Wire):
    holds: Annotated[bool, Field(description="Whether every link of the chain is as it was written.")]
    checked: Annotated[Integer, Field(description="Links that are good, counted from the start.")]
    first_bad: Annotated[Integer | None, Field(description="Sequence number of the first bad link.")]
    reason: str

    @classmethod
    def of(cls, verdict: ChainVerdict) -> "VerificationOut":
        return cls(
            holds=verdict.holds,
            checked=verdict.checked,
            first_bad=verdict.first_bad,
            reason=verdict.reason,
        )


class KeyOut(Wire):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class KeysOut(Wire):
    keys: list[KeyOut]

    @classmethod
    def of(cls, keys: Sequence[Mapping[str, str]]) -> "KeysOut":
        return cls(keys=[KeyOut.model_validate(dict(key)) for key in keys])


def etag_of(user: User) -> str:
    return strong_etag(user.id, user.version)
