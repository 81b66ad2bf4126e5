"""Users, tokens, keys and the audit chain in SQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reference_impl.auth.audit import GENESIS
from reference_impl.auth.models import (
    DEFAULT_TENANT,
    AuditEntry,
    AuditEvent,
    ChainHead,
    Family,
    RefreshClaim,
    RevocationState,
    SigningKey,
    User,
)
from reference_impl.auth.policies import Link
from reference_impl.auth.tables import audit_events, audit_head, families, refresh_tokens, signing_keys, users
from reference_impl.kit.database import Database

_CHUNK = 500


class SqlAuthTransaction:
    """One write transaction. Whoever appends to the audit chain holds its head until the end."""

    def __init__(self, database: Database, connection: AsyncConnection, link: Link) -> None:
        self._database = database
        self._connection = connection
        self._link = link

    async def audit(self, entry: AuditEntry, at: datetime) -> None:
        row = (await self._connection.execute(sa.select(audit_head).with_for_update())).one()
        event = self._link(ChainHead(sequence=row.sequence, hash=row.hash), entry, at)
        await self._connection.execute(sa.insert(audit_events).values(_event_row(event)))
        await self._connection.execute(sa.update(audit_head).values(sequence=event.sequence, hash=event.hash))

    async def add_user(self, user: User) -> bool:
        """Say whether the address was free."""
        statement = self._database.insert(users).values(_user_row(user)).on_conflict_do_nothing()
        return bool((await self._connection.execute(statement)).rowcount)

    async def user(self, user_id: str, *, for_change: bool = False) -> User | None:
        statement = sa.select(users).where(users.c.id == user_id)
        if for_change:
            statement = statement.with_for_update()
        row = (await self._connection.execute(statement)).first()
        return None if row is None else _user(row)

    async def save_user(self, user: User) -> None:
        await self._connection.execute(sa.update(users).where(users.c.id == user.id).values(_user_row(user)))

    async def add_family(self, family: Family) -> None:
        await self._connection.execute(
            sa.insert(families).values(
                id=family.id,
                user_id=family.user_id,
                created_at=family.created_at,
                expires_at=family.expires_at,
            )
        )

    async def add_refresh_token(self, family: Family, token_hash: str, expires_at: datetime) -> None:
        await self._connection.execute(
            sa.insert(refresh_tokens).values(hash=token_hash, family_id=family.id, expires_at=expires_at)
        )

    async def claim_refresh_token(self, token_hash: str, at: datetime) -> RefreshClaim | None:
        """Mark the token used; of any number of claims exactly one is the first."""
        claimed = await self._connection.execute(
            sa.update(refresh_tokens)
            .where(refresh_tokens.c.hash == token_hash, refresh_tokens.c.used_at.is_(None))
            .values(used_at=at)
        )
        row = (
            await self._connection.execute(
                sa.select(families, refresh_tokens.c.expires_at.label("token_expires_at"))
                .join(refresh_tokens, refresh_tokens.c.family_id == families.c.id)
                .where(refresh_tokens.c.hash == token_hash)
                .with_for_update(of=families)
            )
        ).first()
        if row is None:
            return None
        family = Family(
            id=row.id,
            user_id=row.user_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        return RefreshClaim(family=family, expires_at=row.token_expires_at, first_use=bool(claimed.rowcount))

    async def revoke_family(self, family_id: str, at: datetime) -> None:
        await self._revoke(families.c.id == family_id, at)

    async def revoke_families_of(self, user_id: str, at: datetime) -> None:
        await self._revoke(families.c.user_id == user_id, at)

    async def _revoke(self, which: sa.ColumnElement[bool], at: datetime) -> None:
        await self._connection.execute(
            sa.update(families).where(which, families.c.revoked_at.is_(None)).values(revoked_at=at)
        )

    async def add_key(self, key: SigningKey) -> None:
        await self._connection.execute(
            sa.insert(signing_keys).values(id=key.id, private=dict(key.private), created_at=key.created_at)
        )

    async def retire_key(self, key_id: str, at: datetime) -> None:
        await self._connection.execute(
            sa.update(signing_keys).where(signing_keys.c.id == key_id).values(retired_at=at)
        )

    async def forget_keys_retired_before(self, at: datetime) -> None:
        await self._connection.execute(sa.delete(signing_keys).where(signing_keys.c.retired_at < at))

    async def keys(self) -> Sequence[SigningKey]:
        return await _keys(self._connection)


class SqlAuthStore:
    """The store on the kit's database."""

    def __init__(self, database: Database, *, link: Link) -> None:
        self._database = database
        self._link = link

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlAuthTransaction]:
        async with self._database.begin() as connection:
            yield SqlAuthTransaction(self._database, connection, self._link)

    async def user_by_email(self, email: str) -> User | None:
        return await self._one_user(users.c.email == email)

    async def user_by_id(self, user_id: str) -> User | None:
        return await self._one_user(users.c.id == user_id)

    async def users(self, tenant: str, *, after: str | None, limit: int) -> Sequence[User]:
        """The tenant's users in the order of their ids, which is that of their registration."""
        statement = sa.select(users).where(users.c.tenant == tenant).order_by(users.c.id).limit(limit)
        if after is not None:
            statement = statement.where(users.c.id > after)
        return tuple(_user(row) for row in await self._rows(statement))

    async def keys(self) -> Sequence[SigningKey]:
        async with self._database.connect() as connection:
            return await _keys(connection)

    async def events(
        self, tenant: str, *, before: int | None, limit: int, action: str | None
    ) -> Sequence[AuditEvent]:
        """The newest first, by or about the tenant's users; the default tenant sees nobody's as well."""
        statement = (
            sa.select(audit_events)
            .where(_concerns(tenant))
            .order_by(audit_events.c.sequence.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(audit_events.c.sequence < before)
        if action is not None:
            statement = statement.where(audit_events.c.action == action)
        return tuple(_event(row) for row in await self._rows(statement))

    async def chain(self, *, up_to: int) -> AsyncIterator[AuditEvent]:
        """All events up to a place in their order, some at a time."""
        last = 0
        while True:
            statement = (
                sa.select(audit_events)
                .where(audit_events.c.sequence > last, audit_events.c.sequence <= up_to)
                .order_by(audit_events.c.sequence)
                .limit(_CHUNK)
            )
            rows = await self._rows(statement)
            for row in rows:
                yield _event(row)
                last = row.sequence
            if len(rows) < _CHUNK:
                return

    async def chain_head(self) -> ChainHead:
        rows = await self._rows(sa.select(audit_head))
        return ChainHead(sequence=rows[0].sequence, hash=rows[0].hash) if rows else GENESIS

    async def forget_sessions_expired_before(self, moment: datetime) -> None:
        """Delete sessions and their refresh tokens whose time is long over."""
        old = sa.select(families.c.id).where(families.c.expires_at < moment)
        async with self._database.begin() as connection:
            await connection.execute(sa.delete(refresh_tokens).where(refresh_tokens.c.family_id.in_(old)))
            await connection.execute(sa.delete(families).where(families.c.expires_at < moment))

    async def revocation_state(self, family: str, user_id: str) -> RevocationState:
        """What SQL knows of a token; a family or user that is gone counts as revoked."""
        statement = (
            sa.select(users.c.generation, families.c.revoked_at)
            .join(families, families.c.user_id == users.c.id)
            .where(families.c.id == family, users.c.id == user_id)
        )
        rows = await self._rows(statement)
        if not rows:
            return RevocationState(family_revoked=True)
        return RevocationState(family_revoked=rows[0].revoked_at is not None, generation=rows[0].generation)

    async def revoked_since(self, moment: datetime) -> tuple[Sequence[str], Sequence[User]]:
        dead = await self._rows(sa.select(families.c.id).where(families.c.revoked_at >= moment))
        raised = await self._rows(sa.select(users).where(users.c.generation_changed_at >= moment))
        return tuple(row.id for row in dead), tuple(_user(row) for row in raised)

    async def _one_user(self, which: sa.ColumnElement[bool]) -> User | None:
        rows = await self._rows(sa.select(users).where(which))
        return _user(rows[0]) if rows else None

    async def _rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        async with self._database.connect() as connection:
            rows: Sequence[sa.Row[Any]] = (await connection.execute(statement)).all()
            return rows


async def _keys(connection: AsyncConnection) -> Sequence[SigningKey]:
    rows = await connection.execute(sa.select(signing_keys).order_by(signing_keys.c.id))
    return tuple(
        SigningKey(id=row.id, private=row.private, created_at=row.created_at, retired_at=row.retired_at)
        for row in rows
    )


def _concerns(tenant: str) -> sa.ColumnElement[bool]:
    """What unknown addresses did, or was done to them, belongs to no tenant and is shown to the first one."""
    theirs = sa.select(users.c.id).where(users.c.tenant == tenant)
    everybody = sa.select(users.c.id)
    is_theirs = audit_events.c.actor.in_(theirs) | audit_events.c.subject.in_(theirs)
    if tenant != DEFAULT_TENANT:
        return is_theirs
    return is_theirs | ~(audit_events.c.actor.in_(everybody) | audit_events.c.subject.in_(everybody))


def _user(row: sa.Row[Any]) -> User:
    return User(
        id=row.id,
        tenant=row.tenant,
        email=row.email,
        password_hash=row.password_hash,
        roles=frozenset(row.roles),
        generation=row.generation,
        generation_changed_at=row.generation_changed_at,
        version=row.version,
        created_at=row.created_at,
    )


def _user_row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "tenant": user.tenant,
        "email": user.email,
        "password_hash": user.password_hash,
        "roles": sorted(user.roles),
        "generation": user.generation,
        "generation_changed_at": user.generation_changed_at,
        "version": user.version,
        "created_at": user.created_at,
    }


def _event(row: sa.Row[Any]) -> AuditEvent:
    return AuditEvent(
        sequence=row.sequence,
        at=row.at,
        action=row.action,
        result=row.result,
        actor=row.actor,
        subject=row.subject,
        address=row.address,
        request_id=row.request_id,
        details=row.details,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def _event_row(event: AuditEvent) -> dict[str, object]:
    return {
        "sequence": event.sequence,
        "at": event.at,
        "action": event.action,
        "result": event.result,
        "actor": event.actor,
        "subject": event.subject,
        "address": event.address,
        "request_id": event.request_id,
        "details": dict(event.details),
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }
