"""The SQL store: one engine per process, embedded SQLite or PostgreSQL by URL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from reference_impl.kit.problem import Unavailable

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_BUSY_SECONDS = 10.0
_CONNECT_SECONDS = 1.5
_ACQUIRE_SECONDS = 2.0
_STATEMENT_SECONDS = 5.0
_WRITE = {"core_write": True}
#: What passes by itself, as SQLSTATE classes: connection lost, no resources left, operator intervention.
_PASSING_STATES = ("08", "53", "57")
_PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


class Instant(TypeDecorator[datetime]):
    """An aware UTC date and time on every dialect; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the store; use the clock")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=UTC)


class Database:
    """Hands out connections. Writers of one process queue up fairly before SQLite's single write lock.

    A server that is down, restarts or hangs raises Unavailable, within a few seconds, wherever it is met;
    what the pool still holds of it is found out before it is handed out, so the first call after it works.
    """

    def __init__(
        self,
        url: str,
        *,
        count: Callable[[], None] | None = None,
        statement_seconds: float | None = _STATEMENT_SECONDS,
    ) -> None:
        parsed = make_url(url)
        self.url = url
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = asyncio.Lock()
        if self.is_sqlite:
            self._make_folder(parsed.database)
            self._engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS}, pool_timeout=5.0)
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        else:
            limits = {"timeout": _CONNECT_SECONDS, "command_timeout": statement_seconds}
            self._engine = create_async_engine(
                url, pool_size=10, max_overflow=5, pool_timeout=2.0, pool_pre_ping=True, connect_args=limits
            )
        if count is not None:
            event.listen(self._engine.sync_engine, "before_cursor_execute", lambda *_: count())
        self._write_engine = self._engine.execution_options(**_WRITE)

    @staticmethod
    def _make_folder(path: str | None) -> None:
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction: committed at the end, rolled back when the body raises. Not for nesting."""
        if not self.is_sqlite:
            async with self._acquired(self._write_engine) as connection, connection.begin():
                yield connection
            return
        try:
            async with asyncio.timeout(_BUSY_SECONDS):
                await self._writer.acquire()
        except TimeoutError as error:
            raise Unavailable("The store is busy. Try again in a moment.") from error
        try:
            async with self._acquired(self._write_engine) as connection, connection.begin():
                yield connection
        finally:
            self._writer.release()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; sees one consistent state from its first query on."""
        async with self._acquired(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def _acquired(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            connection = engine.connect()
            async with asyncio.timeout(_ACQUIRE_SECONDS):
                await connection.start()
            try:
                yield connection
            finally:
                await connection.close()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, ConnectionError, TimeoutError) as error:
            if not _passes(error):
                raise
            raise Unavailable("The store does not answer. Try again in a moment.") from error

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that knows on_conflict_do_nothing and on_conflict_do_update."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def ping(self) -> None:
        async with self.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()


def _passes(error: Exception) -> bool:
    """Whether the store failed rather than what it was asked: a wrong statement stays an error of ours."""
    if not isinstance(error, sa.exc.DBAPIError):
        return True
    if error.connection_invalidated or isinstance(error, sa.exc.InterfaceError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorname.startswith(_PASSING_SQLITE)
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(_PASSING_STATES)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is explicit
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={int(_BUSY_SECONDS * 1000)}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("core_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
