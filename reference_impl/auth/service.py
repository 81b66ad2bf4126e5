"""Registration, login, refresh and logout: the life of a session."""

import hashlib
from typing import assert_never

from reference_impl.auth.errors import InvalidRefreshToken, LoginThrottled, NoSuchUser
from reference_impl.auth.models import (
    DEFAULT_TENANT,
    AccessClaims,
    Action,
    AuditEntry,
    Caller,
    Family,
    RefreshClaim,
    RefreshDecision,
    Result,
    TokenPair,
    User,
)
from reference_impl.auth.passwords import check
from reference_impl.auth.policies import AuthPolicies, recall_tokens
from reference_impl.auth.ports import AuthStore, AuthTransaction, Hashing, LoginCounter, Revocations, Throttle
from reference_impl.auth.tokens import Signer, TokenIssuer
from reference_impl.kit.clock import Clock
from reference_impl.kit.ids import new_id, new_secret


class AuthService:
    """Everything an account's owner can do. Each change and its audit events are one transaction."""

    def __init__(
        self,
        *,
        store: AuthStore,
        hashing: Hashing,
        throttle: Throttle,
        revocations: Revocations,
        issuer: TokenIssuer,
        policies: AuthPolicies,
        clock: Clock,
        logins: LoginCounter,
    ) -> None:
        self._store = store
        self._hashing = hashing
        self._throttle = throttle
        self._revocations = revocations
        self._issuer = issuer
        self._policies = policies
        self._clock = clock
        self._logins = logins
        self._lifetimes = policies.lifetimes

    async def register(
        self,
        email: str,
        password: str,
        caller: Caller,
        *,
        tenant: str = DEFAULT_TENANT,
        roles: frozenset[str] | None = None,
    ) -> User | None:
        """Create the account; None when the address has one already, which no answer may show."""
        email = email.casefold()
        check(self._policies.password_rules, password, email)
        password_hash = await self._hashing.hash(password)
        now = self._clock.now()
        user = User(
            id=new_id("usr"),
            tenant=tenant,
            email=email,
            password_hash=password_hash,
            roles=self._policies.first_roles() if roles is None else roles,
            created_at=now,
        )
        async with self._store.transaction() as tx:
            is_new = await tx.add_user(user)
            entry = AuditEntry(
                action=Action.USER_REGISTERED if is_new else Action.REGISTRATION_REPEATED,
                result=Result.SUCCESS if is_new else Result.FAILURE,
                actor=user.id if is_new else "anonymous",
                subject=user.id if is_new else account_digest(email),
                caller=caller,
            )
            await tx.audit(entry, now)
        created = user if is_new else None
        self._policies.registration_answer(created)
        return created

    async def login(self, email: str, password: str, caller: Caller) -> TokenPair:
        """Start a session. Unknown address and wrong password take the same work and get the same answer."""
        email = email.casefold()
        await self._admit(email, caller)
        user = await self._store.user_by_email(email)
        password_hash = self._policies.enumeration.hash_to_check(user, self._hashing.nobody)
        matches = await self._hashing.matches(password_hash, password)
        if user is None or not matches:
            await self._record_failed_login(email, user, caller)
            self._logins("refused")
            raise self._policies.enumeration.refusal(user)
        await self._throttle.succeeded(email, caller.address)
        pair = await self._start_session(user, caller)
        self._logins("accepted")
        return pair

    async def refresh(self, refresh_token: str, caller: Caller) -> TokenPair:
        """Exchange a refresh token for a new pair; what a reused one leads to is the policy's decision."""
        await self._throttle.refresh_attempt(caller.address)
        now = self._clock.now()
        signer = await self._issuer.signer()
        async with self._store.transaction() as tx:
            claim = await tx.claim_refresh_token(token_hash(refresh_token), now)
            user = None if claim is None else await tx.user(claim.family.user_id)
            if claim is not None and user is not None:
                pair = await self._decide(tx, claim, user, caller, signer)
            else:
                pair = None
                await tx.audit(_refusal("anonymous", "", caller), now)
        if pair is None:
            raise InvalidRefreshToken
        return pair

    async def logout(self, claims: AccessClaims, caller: Caller) -> None:
        """End this session: its access tokens and its refresh token die at once, everywhere."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.revoke_family(claims.family, now)
            await tx.audit(
                AuditEntry(
                    action=Action.LOGOUT,
                    result=Result.SUCCESS,
                    actor=claims.subject,
                    subject=claims.family,
                    caller=caller,
                ),
                now,
            )
            # Before the commit: should Redis fail, nothing happened and the caller knows.
            await self._revocations.deny_family(claims.family, claims.token_id)

    async def logout_all(self, subject: str, caller: Caller) -> None:
        """End every session of the user."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            user = await tx.user(subject, for_change=True)
            if user is None:
                raise NoSuchUser
            raised = recall_tokens(user, now)
            await tx.revoke_families_of(subject, now)
            await tx.save_user(raised)
            await tx.audit(
                AuditEntry(
                    action=Action.LOGOUT_ALL,
                    result=Result.SUCCESS,
                    actor=subject,
                    subject=subject,
                    caller=caller,
                ),
                now,
            )
            await self._revocations.raise_generation(subject, raised.generation)

    async def me(self, subject: str) -> User:
        user = await self._store.user_by_id(subject)
        if user is None:
            raise NoSuchUser
        return user

    async def _admit(self, email: str, caller: Caller) -> None:
        try:
            await self._throttle.attempt(email, caller.address)
        except LoginThrottled as refusal:
            self._logins("throttled")
            if refusal.is_first:
                await self._record(Action.LOGIN_THROTTLED, "anonymous", account_digest(email), caller)
            raise

    async def _record_failed_login(self, email: str, user: User | None, caller: Caller) -> None:
        subject = account_digest(email) if user is None else user.id
        await self._record(Action.LOGIN_FAILED, "anonymous", subject, caller)

    async def _record(self, action: Action, actor: str, subject: str, caller: Caller) -> None:
        entry = AuditEntry(action=action, result=Result.FAILURE, actor=actor, subject=subject, caller=caller)
        async with self._store.transaction() as tx:
            await tx.audit(entry, self._clock.now())

    async def _start_session(self, user: User, caller: Caller) -> TokenPair:
        now = self._clock.now()
        family = Family(
            id=new_id("ses"), user_id=user.id, created_at=now, expires_at=now + self._lifetimes.family
        )
        access_token = (await self._issuer.signer())(user, family.id)
        async with self._store.transaction() as tx:
            await tx.add_family(family)
            refresh_token = await self._next_refresh_token(tx, family)
            await tx.audit(
                AuditEntry(
                    action=Action.LOGIN,
                    result=Result.SUCCESS,
                    actor=user.id,
                    subject=family.id,
                    caller=caller,
                ),
                now,
            )
        return self._pair(access_token, refresh_token, user)

    async def _decide(
        self, tx: AuthTransaction, claim: RefreshClaim, user: User, caller: Caller, signer: Signer
    ) -> TokenPair | None:
        now = self._clock.now()
        family = claim.family
        decision = self._policies.refresh_reuse.decide(claim, now)
        match decision:
            case RefreshDecision.ROTATE:
                refresh_token = await self._next_refresh_token(tx, family)
                access_token = signer(user, family.id)
                await tx.audit(
                    AuditEntry(
                        action=Action.TOKEN_REFRESHED,
                        result=Result.SUCCESS,
                        actor=user.id,
                        subject=family.id,
                        caller=caller,
                    ),
                    now,
                )
                return self._pair(access_token, refresh_token, user)
            case RefreshDecision.REFUSE:
                await tx.audit(_refusal(user.id, family.id, caller), now)
            case RefreshDecision.REVOKE_FAMILY:
                await tx.revoke_family(family.id, now)
                await tx.audit(
                    AuditEntry(
                        action=Action.TOKEN_REUSED,
                        result=Result.FAILURE,
                        actor=user.id,
                        subject=family.id,
                        caller=caller,
                    ),
                    now,
                )
                await self._revocations.deny_family(family.id)
            case _:
                assert_never(decision)
        return None

    async def _next_refresh_token(self, tx: AuthTransaction, family: Family) -> str:
        refresh_token = new_secret()
        expires_at = min(self._clock.now() + self._lifetimes.refresh, family.expires_at)
        await tx.add_refresh_token(family, token_hash(refresh_token), expires_at)
        return refresh_token

    def _pair(self, access_token: str, refresh_token: str, user: User) -> TokenPair:
        return TokenPair(
            access_token=access_token,
            refresh_token=refresh_token,
            expires_in=self._issuer.lifetime_seconds,
            user_id=user.id,
        )


def token_hash(refresh_token: str) -> str:
    """What is stored of a refresh token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def account_digest(email: str) -> str:
    """How the audit log names an address that may be nobody's, or a password typed in the wrong place."""
    return "address:" + hashlib.sha256(email.casefold().encode()).hexdigest()[:24]


def _refusal(actor: str, subject: str, caller: Caller) -> AuditEntry:
    return AuditEntry(
        action=Action.TOKEN_REFUSED, result=Result.FAILURE, actor=actor, subject=subject, caller=caller
    )
