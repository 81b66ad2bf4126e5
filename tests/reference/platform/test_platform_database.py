"""A store that fails is Unavailable in bounded time; a wrong statement stays an error of ours."""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from reference_impl.kit import database as database_module
from reference_impl.kit.database import Database
from reference_impl.kit.problem import Unavailable

BOUND_SECONDS = 8.0


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """A port that takes connections and never says a word, as a frozen server does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def ping(port: int) -> None:
    database = Database(f"postgresql+asyncpg://core:core@127.0.0.1:{port}/core")
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            await database.ping()
    finally:
        await database.close()


async def test_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await ping(closed_port())


async def test_server_that_never_answers_is_unavailable_in_bounded_time() -> None:
    async with silent_server() as port:
        with pytest.raises(Unavailable):
            await ping(port)


async def test_file_that_another_process_keeps_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.05)
    path = tmp_path / "core.sqlite3"
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.ping()
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")

    try:
        with pytest.raises(Unavailable):
            async with database.begin():
                pass
    finally:
        foreign.close()
        await database.close()


async def test_wrong_statement_is_no_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'core.sqlite3'}")

    try:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            async with database.connect() as connection:
                await connection.execute(sa.text("SELECT 1 FROM nowhere"))
    finally:
        await database.close()


async def test_failure_of_the_caller_inside_a_transaction_stays_what_it_is(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'core.sqlite3'}")

    try:
        with pytest.raises(FileNotFoundError):
            async with database.begin():
                raise FileNotFoundError("not the store's")
    finally:
        await database.close()


async def test_every_statement_is_counted(tmp_path: Path) -> None:
    seen: list[None] = []
    database = Database(
        f"sqlite+aiosqlite:///{tmp_path / 'counted.sqlite3'}", count=lambda: seen.append(None)
    )

    async with database.connect() as connection:
        await connection.execute(sa.text("SELECT 1"))
        before = len(seen)
        for _ in range(3):
            await connection.execute(sa.text("SELECT 1"))
    await database.close()

    assert len(seen) - before == 3
