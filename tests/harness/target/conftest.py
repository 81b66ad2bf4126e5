"""A toy target of two processes with a stub and a dependency, and what a test of PostgreSQL needs."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.target import Target
from harness.target.dependencies import postgres
from harness.target.file import load_target

TOY = Path(__file__).parent / "toy"

FILE = """
name = "toy"
base_url = "http://127.0.0.1:{port}"

[launch.processes.server]
command = ["{python}", "SERVER", "serve", "{port}"]
ready = "/health"
[launch.processes.server.env]
REDIS_URL = "{dependencies.redis.url}"
BRAVE_URL = "{stubs.brave.url}"
PUBLIC_URL = "{public_url}"
DATA = "{data_dir}"

[launch.processes.worker]
command = ["{python}", "SERVER", "work"]
env = { DATA = "{data_dir}" }

[dependencies.redis]
kind = "valkey"
[stubs.brave]
module = "STUB"

[login]
path = "/login"
body = { email = "{username}", password = "{secret}" }
subject = "id"
whoami = "/me"
register_path = "/register"
register_body = { email = "{username}" }
[login.grant]
by = "root"
path = "/users/{subject}/roles"
body = '{"roles": ["{role}"]}'
etag_path = "/users/{subject}"

[[identities]]
name = "alice"
username = "alice@example.test"
role = "operator"
[[identities]]
name = "root"
username = "root@example.test"
role = "admin"
[[identities]]
name = "robot"
kind = "api-key"
secret = "robot-key-4711"

[consent]
writes = true
faults = true
"""


@pytest.fixture
def postgres_programs() -> Path:
    """The folder with PostgreSQL's programs: without them a visible skip, in CI a failure."""
    found = postgres.installed()
    if found is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"PostgreSQL must be tested in CI. {postgres.REMEDY}", pytrace=False)
    if found is None:
        pytest.skip(f"PostgreSQL is not installed. {postgres.REMEDY}")
    return found


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Target]:
    """Return the toy target, with texts of its file replaced."""

    def made(**replacements: str) -> Target:
        text = FILE.replace("SERVER", str(TOY / "server.py")).replace("STUB", str(TOY / "stub.py"))
        for old, new in replacements.items():
            text = text.replace(old, new)
        path = tmp_path / "toy.toml"
        path.write_text(text)
        return load_target(str(path), {})

    return made
