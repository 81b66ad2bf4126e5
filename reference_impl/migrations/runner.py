"""Brings a database to the newest revision, and says which revision it has."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from reference_impl.kit.database import Database

_FOLDER = Path(__file__).parent
_LOCK_NUMBER = 0x636F7265  # any fixed number: two processes that migrate wait for each other


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def newest_revision() -> str | None:
    """Return the head that this code comes with; the files do not change while it runs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def current_revision(database: Database) -> str | None:
    async with database.connect() as connection:
        return await connection.run_sync(_revision_of)


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def migrate(database: Database) -> None:
    """Run what is missing, in one transaction; safe when several processes do it at once."""
    async with database.begin() as connection:
        if not database.is_sqlite:  # SQLite's write transaction already lets only one in
            await connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER}
            )
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
