"""The named decisions of auth: what a token must be, what reuse means, what an answer gives away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from reference_impl.auth.audit import link
from reference_impl.auth.errors import InvalidCredentials
from reference_impl.auth.models import (
    AccessClaims,
    AuditEntry,
    AuditEvent,
    ChainHead,
    Lifetimes,
    Limits,
    RefreshClaim,
    RefreshDecision,
    RevocationState,
    User,
)
from reference_impl.auth.passwords import OfflineRules, PasswordRules, whole
from reference_impl.auth.signature import PinnedAlgorithm, SignedPart, TokenAlgorithms
from reference_impl.kit.access import DEFAULT_ROLE, Principal
from reference_impl.kit.conditional import check_if_match
from reference_impl.kit.policies import Policies
from reference_impl.kit.problem import Problem

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type, no secret
LEEWAY_SECONDS = 5.0
FirstRoles = Callable[[], frozenset[str]]
EditCondition = Callable[[str | None, str], None]
RecallTokens = Callable[[User, datetime], User]
RegistrationAnswer = Callable[[User | None], None]
AccessLifetime = Callable[[int], int]
"""Seconds that an access token is good for, of those that the settings name."""


class TokenType(Protocol):
    """Says whether the header's type is that of an access token."""

    def accepts(self, part: SignedPart) -> bool: ...


class Issuer(Protocol):
    def accepts(self, issuer: str, expected: str) -> bool: ...


class Audience(Protocol):
    def accepts(self, audience: tuple[str, ...], expected: str) -> bool: ...


class TokenTimes(Protocol):
    """Says whether a token is valid at this moment."""

    def accepts(self, claims: AccessClaims, now: datetime) -> bool: ...


class Revocation(Protocol):
    """Says whether a token that is right in itself has been taken back."""

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool: ...


class RefreshReuse(Protocol):
    """Decides what a presented refresh token leads to."""

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision: ...


class Enumeration(Protocol):
    """Keeps answers from telling known addresses and unknown ones apart."""

    def hash_to_check(self, user: User | None, nobody: str) -> str: ...
    def refusal(self, user: User | None) -> Problem: ...


class Link(Protocol):
    """Gives an audit entry its place in the chain."""

    def __call__(self, head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent: ...


class Ownership(Protocol):
    """Says whether an administrator may see and change a user."""

    def may_manage(self, principal: Principal, user: User) -> bool: ...


class OnlyAccessTokens:
    """`typ` says at+jwt, so no other token of ours passes for one (RFC 9068 2.1, RFC 8725 3.11)."""

    def accepts(self, part: SignedPart) -> bool:
        declared = str(part.header.get("typ", "")).casefold().removeprefix("application/")
        return declared == ACCESS_TOKEN_TYPE


class ExactIssuer:
    def accepts(self, issuer: str, expected: str) -> bool:
        return issuer == expected


class OwnAudience:
    """The token must name this service among its audiences."""

    def accepts(self, audience: tuple[str, ...], expected: str) -> bool:
        return expected in audience


class StrictTimes:
    """Neither expired nor from the future; a few seconds of leeway for clocks that differ."""

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        moment = now.timestamp()
        starts = max(claims.issued_at, claims.not_before or 0.0)
        return starts - LEEWAY_SECONDS <= moment < claims.expires_at + LEEWAY_SECONDS


class AtOnce:
    """A token dies with itself, with its family, or with its user's generation."""

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        return state.token_revoked or state.family_revoked or claims.generation < state.generation


class ReuseRevokesFamily:
    """A second use means that somebody else has the token, so nobody keeps anything of that login."""

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        if claim.family.revoked_at is not None:
            return RefreshDecision.REFUSE
        if not claim.first_use:
            return RefreshDecision.REVOKE_FAMILY
        if now >= min(claim.expires_at, claim.family.expires_at):
            return RefreshDecision.REFUSE
        return RefreshDecision.ROTATE


class AlikeAnswers:
    """The same work and the same words, whether the account exists or not."""

    def hash_to_check(self, user: User | None, nobody: str) -> str:
        return nobody if user is None else user.password_hash

    def refusal(self, user: User | None) -> Problem:  # noqa: ARG002 - not looking at it is the policy
        return InvalidCredentials()


def default_role() -> frozenset[str]:
    """Whoever registers becomes a user; every other role is given by an administrator."""
    return frozenset({DEFAULT_ROLE})


def tell_nothing(_created: User | None) -> None:
    """A registration is answered alike, whether the address was free or had an account."""


def as_set(seconds: int) -> int:
    """An access token lasts as long as the settings say."""
    return seconds


def recall_tokens(user: User, now: datetime) -> User:
    """The user of the next generation: access tokens of the one before die at once."""
    return replace(user, generation=user.generation + 1, generation_changed_at=now)


class SameTenant:
    """Another tenant's user is as good as none."""

    def may_manage(self, principal: Principal, user: User) -> bool:
        return principal.tenant == user.tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicies:
    """Everything that an access token must pass."""

    algorithms: TokenAlgorithms
    token_type: TokenType
    issuer: Issuer
    audience: Audience
    times: TokenTimes
    revocation: Revocation


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPolicies:
    """The decisions of the service."""

    refresh_reuse: RefreshReuse
    enumeration: Enumeration
    ownership: Ownership
    password_rules: PasswordRules
    login_limits: Limits
    lifetimes: Lifetimes
    audit_link: Link
    first_roles: FirstRoles
    edit_condition: EditCondition
    after_role_change: RecallTokens
    registration_answer: RegistrationAnswer


_DEFAULTS: dict[str, Any] = {
    "auth.token_algorithms": PinnedAlgorithm(),
    "auth.token_type": OnlyAccessTokens(),
    "auth.issuer": ExactIssuer(),
    "auth.audience": OwnAudience(),
    "auth.token_times": StrictTimes(),
    "auth.revocation": AtOnce(),
    "auth.refresh_reuse": ReuseRevokesFamily(),
    "auth.enumeration": AlikeAnswers(),
    "auth.ownership": SameTenant(),
    "auth.password_rules": OfflineRules(),
    "auth.login_limits": Limits(),
    "auth.lifetimes": Lifetimes(),
    "auth.access_lifetime": as_set,
    "auth.audit_link": link,
    "auth.password_bytes": whole,
    "auth.first_roles": default_role,
    "auth.edit_condition": check_if_match,
    "auth.after_role_change": recall_tokens,
    "auth.registration_answer": tell_nothing,
}


def register(policies: Policies) -> None:
    for name, policy in _DEFAULTS.items():
        policies.register(name, policy)


def token_policies(policies: Policies) -> TokenPolicies:
    return TokenPolicies(
        algorithms=policies["auth.token_algorithms"],
        token_type=policies["auth.token_type"],
        issuer=policies["auth.issuer"],
        audience=policies["auth.audience"],
        times=policies["auth.token_times"],
        revocation=policies["auth.revocation"],
    )


def auth_policies(policies: Policies) -> AuthPolicies:
    return AuthPolicies(
        refresh_reuse=policies["auth.refresh_reuse"],
        enumeration=policies["auth.enumeration"],
        ownership=policies["auth.ownership"],
        password_rules=policies["auth.password_rules"],
        login_limits=policies["auth.login_limits"],
        lifetimes=policies["auth.lifetimes"],
        audit_link=policies["auth.audit_link"],
        first_roles=policies["auth.first_roles"],
        edit_condition=policies["auth.edit_condition"],
        after_role_change=policies["auth.after_role_change"],
        registration_answer=policies["auth.registration_answer"],
    )
