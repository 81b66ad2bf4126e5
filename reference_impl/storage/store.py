"""The catalogue in SQL: conditions are checked and the entry is written in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reference_impl.kit.database import Database, metadata
from reference_impl.storage.models import Conditions, Entry, Reach, Written
from reference_impl.storage.policies import WriteConditions

objects = sa.Table(
    "storage_objects",
    metadata,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("blob", sa.String(40), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("content_type", sa.String(255), nullable=False),
    sa.Column("created_at", sa.Float(53), nullable=False),
    sa.Column("updated_at", sa.Float(53), nullable=False),
)


class SqlCatalogue:
    """Which objects there are, in a SQL table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, reach: Reach, key: str, *, prefer: str) -> Entry | None:
        """The object of that key in reach; the preferred owner's when several have one."""
        query = (
            sa.select(objects)
            .where(_within(reach), objects.c.key == key)
            .order_by((objects.c.owner == prefer).desc(), objects.c.owner)
            .limit(1)
        )
        async with self._database.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _entry(row)

    async def write(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Written:
        """Put the entry in the place of the current one, if the conditions hold for that."""
        async with self._database.begin() as connection:
            current = await self._current(connection, entry)
            check(conditions, current)
            if current is None:
                inserted = await connection.execute(
                    self._database.insert(objects).values(_row(entry)).on_conflict_do_nothing()
                )
                if inserted.rowcount == 1:
                    return Written(entry=entry, is_new=True)
                current = await self._current(connection, entry)  # another writer was first
                check(conditions, current)
            kept = _row(entry) | {"created_at": current.created_at if current else entry.created_at}
            await connection.execute(sa.update(objects).where(_is(entry)).values(kept))
        return Written(
            entry=_renewed(entry, current), is_new=False, former_blob=current.blob if current else None
        )

    async def remove(self, entry: Entry, conditions: Conditions, check: WriteConditions) -> Entry | None:
        """Delete the entry if the conditions hold; returns what was deleted."""
        async with self._database.begin() as connection:
            current = await self._current(connection, entry)
            check(conditions, current)
            await connection.execute(sa.delete(objects).where(_is(entry)))
        return current

    async def list(self, reach: Reach, *, prefix: str, after: str | None, limit: int) -> Sequence[Entry]:
        """Entries by key; keys that start with the prefix, after the given one."""
        query = sa.select(objects).where(_within(reach)).order_by(objects.c.key, objects.c.owner).limit(limit)
        if prefix:
            query = query.where(objects.c.key.startswith(prefix, autoescape=True))
        if after is not None:
            query = query.where(objects.c.key > after)
        async with self._database.connect() as connection:
            return tuple(_entry(row) for row in (await connection.execute(query)).all())

    async def _current(self, connection: AsyncConnection, entry: Entry) -> Entry | None:
        query = sa.select(objects).where(_is(entry))
        if not self._database.is_sqlite:
            query = query.with_for_update()
        row = (await connection.execute(query)).one_or_none()
        return None if row is None else _entry(row)


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    if reach.owner is None:
        return objects.c.tenant == reach.tenant
    return sa.and_(objects.c.tenant == reach.tenant, objects.c.owner == reach.owner)


def _is(entry: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(
        objects.c.tenant == entry.tenant, objects.c.owner == entry.owner, objects.c.key == entry.key
    )


def _row(entry: Entry) -> dict[str, object]:
    return {
        "tenant": entry.tenant,
        "owner": entry.owner,
        "key": entry.key,
        "blob": entry.blob,
        "size": entry.size,
        "digest": entry.digest,
        "content_type": entry.content_type,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    }


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        tenant=row.tenant,
        owner=row.owner,
        key=row.key,
        blob=row.blob,
        size=row.size,
        digest=bytes(row.digest),
        content_type=row.content_type,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _renewed(entry: Entry, former: Entry | None) -> Entry:
    return entry if former is None else replace(entry, created_at=former.created_at)
