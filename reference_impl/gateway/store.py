"""Where answers to Idempotency-Key requests are kept."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from reference_impl.kit.database import Database, Instant, metadata

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("claim", sa.String(64), nullable=False),
    sa.Column("started_at", Instant(), nullable=False, index=True),
    sa.Column("status", sa.Integer()),
    sa.Column("headers", sa.Text()),
    sa.Column("body", sa.LargeBinary()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A request under a key: still under way without a status, answered with one."""

    fingerprint: str
    claim: str
    started_at: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Keys(Protocol):
    """Holds keys: of any number of claims to one exactly one succeeds."""

    async def claim(
        self, owner: str, key: str, fingerprint: str, claim: str, now: datetime, *, stale_before: datetime
    ) -> Stored | None: ...

    async def finish(
        self, owner: str, key: str, claim: str, *, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None: ...

    async def release(self, owner: str, key: str, claim: str) -> None: ...

    async def forget(self, now: datetime, keep: timedelta) -> None: ...


class IdempotencyStore:
    """One row per owner and key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, owner: str, key: str, fingerprint: str, claim: str, now: datetime, *, stale_before: datetime
    ) -> Stored | None:
        """Take the key and return None, or return what it holds. Abandoned claims are taken over."""
        table = idempotency_keys
        this = (table.c.owner == owner) & (table.c.key == key)
        values = {"fingerprint": fingerprint, "claim": claim, "started_at": now}
        async with self._database.begin() as connection:
            await connection.execute(
                sa.delete(table).where(this, table.c.status.is_(None), table.c.started_at < stale_before)
            )
            inserted = await connection.execute(
                self._database.insert(table).values(owner=owner, key=key, **values).on_conflict_do_nothing()
            )
            if inserted.rowcount == 1:
                return None
            row = (await connection.execute(sa.select(table).where(this))).one()
        return Stored(
            fingerprint=row.fingerprint,
            claim=row.claim,
            started_at=row.started_at,
            status=row.status,
            headers=tuple((name, value) for name, value in json.loads(row.headers or "[]")),
            body=row.body or b"",
        )

    async def finish(
        self, owner: str, key: str, claim: str, *, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        async with self._database.begin() as connection:
            await connection.execute(
                sa.update(idempotency_keys)
                .where(*_mine(owner, key, claim))
                .values(status=status, headers=json.dumps(headers), body=body)
            )

    async def release(self, owner: str, key: str, claim: str) -> None:
        """Give the key back: the request changed nothing, so it may come again."""
        async with self._database.begin() as connection:
            await connection.execute(sa.delete(idempotency_keys).where(*_mine(owner, key, claim)))

    async def forget(self, now: datetime, keep: timedelta) -> None:
        async with self._database.begin() as connection:
            await connection.execute(
                sa.delete(idempotency_keys).where(idempotency_keys.c.started_at < now - keep)
            )


def _mine(owner: str, key: str, claim: str) -> tuple[sa.ColumnElement[bool], ...]:
    table = idempotency_keys
    return table.c.owner == owner, table.c.key == key, table.c.claim == claim
