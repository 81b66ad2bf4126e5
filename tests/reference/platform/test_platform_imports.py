"""Where the web framework may appear, what the command line may load, and what the tables must equal."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from reference_impl import every_service, services
from reference_impl.kit.database import Database, metadata
from reference_impl.migrations.runner import current_revision, migrate, newest_revision

ROOT = Path(__file__).parents[3] / "reference_impl"
FRAMEWORK = {"fastapi", "starlette"}
ALLOWED_ANYWHERE_IN = {"gateway", "ops"}
ALLOWED_FILES = {"app.py"}
ALLOWED_IN_KIT = {"access.py", "asgi.py", "composition.py", "parameters.py", "versioning.py"}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def _may_know_the_framework(path: Path) -> bool:
    folder, *_ = path.parts
    if folder in ALLOWED_ANYWHERE_IN or str(path) in ALLOWED_FILES or path.name == "api.py":
        return True
    return folder == "kit" and path.name in ALLOWED_IN_KIT


def test_only_edges_know_the_web_framework() -> None:
    modules = [path.relative_to(ROOT) for path in ROOT.rglob("*.py")]

    guilty = [
        str(path)
        for path in modules
        if not _may_know_the_framework(path) and FRAMEWORK & _imports(ROOT / path)
    ]

    assert len(modules) > 40
    assert guilty == []


def test_services_do_not_import_each_other() -> None:
    names = set(services.PREFIXES)
    assert set(vars(every_service)) >= names - {"auth", "breakers", "hub"}

    guilty = [
        f"{path.relative_to(ROOT)} -> {other}"
        for name in names
        for path in (ROOT / name).rglob("*.py")
        for other in names - {name}
        if f"reference_impl.{other}" in path.read_text()
    ]

    assert guilty == []


def test_help_does_not_load_the_framework() -> None:
    code = (
        "import sys\n"
        "from reference_impl import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'fastapi', 'starlette', 'sqlalchemy', 'pydantic', 'httpx', 'uvicorn'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "serve" in ended.stdout


def test_a_worker_loads_neither_graphql_nor_mcp(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from reference_impl.app import create_app\n"
        "from reference_impl.services import worker_services\n"
        "from reference_impl.settings import Settings\n"
        f"create_app(Settings(data_dir={str(tmp_path)!r}), services=worker_services)\n"
        "sys.exit(','.join(sorted({'strawberry', 'graphql', 'mcp'} & set(sys.modules))) or 0)\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


@pytest.fixture
async def migrated(tmp_path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'core.sqlite3'}")
    await migrate(database)
    await migrate(database)
    return database


async def test_migrations_end_at_the_newest_revision(migrated: Database) -> None:
    assert await current_revision(migrated) == newest_revision() == "0006_platform"
    await migrated.close()


async def test_migrations_make_exactly_the_tables_that_the_stores_use(migrated: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with migrated.connect() as connection:
        found = await connection.run_sync(differences)
    await migrated.close()

    assert found == []
