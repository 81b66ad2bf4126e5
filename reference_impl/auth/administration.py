"""What administrators do: users and their roles, the audit log and its verification."""

from collections.abc import Sequence
from dataclasses import replace

from reference_impl.auth import audit
from reference_impl.auth.errors import NoSuchUser, SelfDemotion, UnknownRole
from reference_impl.auth.models import (
    Action,
    AuditEntry,
    AuditEvent,
    Caller,
    ChainVerdict,
    Result,
    Role,
    User,
)
from reference_impl.auth.policies import AuthPolicies
from reference_impl.auth.ports import AuthStore, Revocations
from reference_impl.auth.roles import ROLE_TABLE, permissions_of
from reference_impl.kit.access import Principal
from reference_impl.kit.clock import Clock
from reference_impl.kit.conditional import strong_etag
from reference_impl.kit.paging import Page, decode_cursor, encode_cursor
from reference_impl.kit.problem import BadRequest

_ROLES_ADMIN = "roles:admin"


class Administration:
    """Acts for a principal whose permission the edge has checked; tenants are checked here."""

    def __init__(
        self, *, store: AuthStore, revocations: Revocations, policies: AuthPolicies, clock: Clock
    ) -> None:
        self._store = store
        self._revocations = revocations
        self._policies = policies
        self._clock = clock

    def roles(self) -> Sequence[Role]:
        return tuple(ROLE_TABLE.values())

    async def users(self, principal: Principal, *, cursor: str | None, limit: int) -> Page[User]:
        """The users of the administrator's tenant, in the order of their registration."""
        after = None if cursor is None else _cursor_text(cursor)
        found = await self._store.users(principal.tenant, after=after, limit=limit + 1)
        shown = found[:limit]
        return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(found) > limit else None)

    async def user(self, principal: Principal, user_id: str) -> User:
        return self._managed(principal, await self._store.user_by_id(user_id))

    async def set_roles(
        self,
        principal: Principal,
        user_id: str,
        roles: Sequence[str],
        *,
        if_match: str | None,
        caller: Caller,
    ) -> User:
        """Replace the user's roles; access tokens with the old ones die at once."""
        unknown = sorted(set(roles) - ROLE_TABLE.keys())
        if unknown:
            raise UnknownRole(unknown, tuple(ROLE_TABLE))
        now = self._clock.now()
        async with self._store.transaction() as tx:
            user = await tx.user(user_id, for_change=True)
            user = self._managed(principal, user)
            self._policies.edit_condition(if_match, strong_etag(user.id, user.version))
            if user.id == principal.subject and _ROLES_ADMIN not in permissions_of(roles):
                raise SelfDemotion
            recalled = self._policies.after_role_change(user, now)
            changed = replace(recalled, roles=frozenset(roles), version=user.version + 1)
            await tx.save_user(changed)
            await tx.audit(_roles_changed(principal, user, changed, caller), now)
            await self._revocations.raise_generation(user.id, changed.generation)
        return changed

    async def events(
        self, principal: Principal, *, cursor: str | None, limit: int, action: Action | None
    ) -> Page[AuditEvent]:
        """The events of the administrator's tenant, the newest first."""
        before = None if cursor is None else _cursor_number(cursor)
        found = await self._store.events(
            principal.tenant,
            before=before,
            limit=limit + 1,
            action=None if action is None else action.value,
        )
        shown = found[:limit]
        more = len(found) > limit
        return Page(items=shown, next_cursor=encode_cursor(shown[-1].sequence) if more else None)

    async def verify_chain(self) -> ChainVerdict:
        """Check every link up to the head as it is now."""
        head = await self._store.chain_head()
        return await audit.verify(self._store.chain(up_to=head.sequence), head)

    def _managed(self, principal: Principal, user: User | None) -> User:
        if user is None or not self._policies.ownership.may_manage(principal, user):
            raise NoSuchUser
        return user


def _roles_changed(principal: Principal, before: User, after: User, caller: Caller) -> AuditEntry:
    return AuditEntry(
        action=Action.ROLES_CHANGED,
        result=Result.SUCCESS,
        actor=principal.subject,
        subject=after.id,
        caller=caller,
        details={"before": ",".join(sorted(before.roles)), "after": ",".join(sorted(after.roles))},
    )


def _cursor_text(cursor: str) -> str:
    match decode_cursor(cursor):
        case (str(text),):
            return text
    raise BadRequest("The cursor belongs to another list. Start again without one.")


def _cursor_number(cursor: str) -> int:
    match decode_cursor(cursor):
        case (int(number),) if 0 <= number < 2**63:
            return number
    raise BadRequest("The cursor belongs to another list. Start again without one.")
