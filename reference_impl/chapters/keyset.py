"""Keyset slices in SQL: row values compared as one, so every order is total and uses its index."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from reference_impl.chapters.paging import Key
from reference_impl.kit.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlKeyset(Generic[T]):
    """One filtered list in one order; the key columns end with a unique one."""

    database: Database
    rows: sa.Select[Any]
    key: tuple[sa.ColumnElement[Any], ...]
    descending: bool
    build: Callable[[sa.Row[Any]], T]
    key_of: Callable[[T], Key]

    async def fetch(
        self, *, after: Key | None, before: Key | None, limit: int, from_end: bool
    ) -> Sequence[T]:
        query = self.rows
        if after is not None:
            query = query.where(self._beyond(after, inclusive=False))
        if before is not None:
            query = query.where(self._short_of(before, inclusive=False))
        down = self.descending is not from_end
        order = [column.desc() if down else column.asc() for column in self.key]
        async with self.database.connect() as connection:
            found = (await connection.execute(query.order_by(*order).limit(limit))).all()
        items = [self.build(row) for row in found]
        return items[::-1] if from_end else items

    async def any_before(self, key: Key, *, inclusive: bool) -> bool:
        return await self._any(self._short_of(key, inclusive=inclusive))

    async def any_after(self, key: Key, *, inclusive: bool) -> bool:
        return await self._any(self._beyond(key, inclusive=inclusive))

    async def _any(self, condition: sa.ColumnElement[bool]) -> bool:
        query = sa.select(self.rows.where(condition).with_only_columns(sa.literal(1)).exists())
        async with self.database.connect() as connection:
            return bool((await connection.execute(query)).scalar_one())

    def _beyond(self, key: Key, *, inclusive: bool) -> sa.ColumnElement[bool]:
        return self._compare(key, greater=not self.descending, inclusive=inclusive)

    def _short_of(self, key: Key, *, inclusive: bool) -> sa.ColumnElement[bool]:
        return self._compare(key, greater=self.descending, inclusive=inclusive)

    def _compare(self, key: Key, *, greater: bool, inclusive: bool) -> sa.ColumnElement[bool]:
        here = sa.tuple_(*self.key)
        there = sa.tuple_(*(_literal(value) for value in key))
        if greater:
            return here >= there if inclusive else here > there
        return here <= there if inclusive else here < there


def _literal(value: str | int) -> sa.ColumnElement[Any]:
    """Cursors come from outside: an integer may be larger than its column and must still compare."""
    return sa.literal(value, sa.BigInteger()) if isinstance(value, int) else sa.literal(value)
