"""Fixtures of the container scenarios, and the count that tells whether all of them ran."""

import asyncio
import itertools
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import docker
import pytest
import redis
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from scenarios.containers.receiver import Receiver, receiving
from scenarios.containers.reference import Reference, Server
from scenarios.containers.services import (
    Credentials,
    Service,
    postgres,
    postgres_image,
    redis_image,
    redis_server,
)

_HERE = Path(__file__).parent
_DEFAULT_ENGINE = "unix:///var/run/docker.sock"
_CREDENTIALS = Credentials()
_REDIS_DATABASES = 16
_redis_numbers = itertools.cycle(range(_REDIS_DATABASES))


class _Count:
    """Which container scenarios exist in this session and which of them were really run."""

    def __init__(self) -> None:
        self.existing: set[str] = set()
        self.ran: set[str] = set()

    @property
    def line(self) -> str:
        return f"container scenarios: {len(self.ran)} ran of {len(self.existing)}"

    @property
    def is_short(self) -> bool:
        return self.ran < self.existing


_COUNT = pytest.StashKey[_Count]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "container: needs a container engine")
    config.stash[_COUNT] = _Count()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count what exists before anything is deselected: a narrowed run is not the whole."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.container)
            config.stash[_COUNT].existing.add(item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call" and not report.skipped and item.nodeid in item.config.stash[_COUNT].existing:
        item.config.stash[_COUNT].ran.add(item.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.option.collectonly or session.exitstatus != pytest.ExitCode.OK:
        return
    if _in_ci() and session.config.stash[_COUNT].is_short:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = config.stash[_COUNT]
    terminalreporter.write_line(count.line, red=_in_ci() and count.is_short)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _knock() -> None:
    """Raise OSError when nobody listens at the engine's socket; the client library would leave one open."""
    address = os.environ.get("DOCKER_HOST") or _DEFAULT_ENGINE
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(address.removeprefix("unix://"))


def _why_no_engine() -> str | None:
    """Why containers cannot be started here; None when they can."""
    try:
        _knock()
        client = docker.from_env()
    except (OSError, DockerException) as problem:
        return f"no container engine answers ({problem}); start one or set DOCKER_HOST"
    try:
        for image in (postgres_image(), redis_image()):
            try:
                client.images.get(image)
            except ImageNotFound:
                client.images.pull(image)
    except DockerException as problem:
        return f"no image {image} ({problem}); where no registry is reached run scenarios/stacks/build-images"
    finally:
        client.close()
    return None


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """A container engine with the images: without it a visible skip, in CI a failure."""
    reason = _why_no_engine()
    if reason is None:
        return
    if _in_ci():
        pytest.fail(f"container scenarios must run in CI: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """A network of our own: the engine's default bridge may be missing."""
    # The reaper would need that bridge and one more image; every container here has a finaliser instead.
    testcontainers_config.ryuk_disabled = True
    with Network() as network:
        yield network


@pytest.fixture(scope="session")
def _postgres_service(network: Network) -> Iterator[Service]:
    with postgres(network, _CREDENTIALS) as service:
        yield service


@pytest.fixture(scope="session")
def _redis_service(network: Network) -> Iterator[Service]:
    with redis_server(network) as service:
        yield service


@pytest.fixture
def database(_postgres_service: Service) -> Service:
    """PostgreSQL, seen to serve before the scenario begins."""
    assert _postgres_service.answers(), "an earlier scenario left PostgreSQL unusable"
    return _postgres_service


@pytest.fixture
def cache(_redis_service: Service) -> Service:
    """Redis, seen to serve before the scenario begins."""
    assert _redis_service.answers(), "an earlier scenario left Redis unusable"
    return _redis_service


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver that remembers what was delivered."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def reference(database: Service, cache: Service, receiver: Receiver, tmp_path: Path) -> Reference:
    """The reference on a database and a Redis that nobody has used before; migrated, not started."""
    reference = Reference(
        tmp_path,
        {
            "CORE_DATABASE_URL": _new_database(database),
            "CORE_REDIS_URL": _empty_redis(cache),
            "CORE_PUBLIC_URL": "http://platform.example.org",  # several servers are one issuer of tokens
            "CORE_BRAVE_URL": "http://127.0.0.1:9",  # nothing listens: the upstream that trips a breaker
            "CORE_BRAVE_TOKEN": "unused",
            "CORE_RATE_SCALE": "1000",
            "CORE_WEBHOOK_ALLOW": receiver.address,
            "CORE_HUB_LEASE_SECONDS": "3",
            "CORE_HUB_RETRY_SECONDS": "0.2",
            "CORE_DRAIN_SECONDS": "2",
        },
    )
    reference.migrate()
    return reference


@pytest.fixture
def server(reference: Reference) -> Iterator[Server]:
    """One serving process with its workers inside."""
    with reference.serving() as server:
        yield server


def _new_database(service: Service) -> str:
    name = f"scenario_{secrets.token_hex(6)}"

    async def create() -> None:
        connection = await asyncpg.connect(_CREDENTIALS.url(service))
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    asyncio.run(create())
    return _CREDENTIALS.url(service, name).replace("postgresql://", "postgresql+asyncpg://")


def _empty_redis(service: Service) -> str:
    number = next(_redis_numbers)
    with redis.Redis(host=service.host, port=service.port, db=number) as client:
        client.flushdb()
    return f"redis://{service.host}:{service.port}/{number}"
