"""PostgreSQL and Redis in containers, with faults that prove themselves before their effect is judged."""

import asyncio
import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import asyncpg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from scenarios.containers.polling import until

_BOOT_SECONDS = 120.0
_STATE_SECONDS = 20.0
_ASK_SECONDS = 1.0
#: Below the range that outgoing connections use: with nobody listening, a client could otherwise be given
#: the very port it dials and end up talking to itself.
_PORTS = range(20000, 30000)


class ContainerState(StrEnum):
    """What `docker inspect` calls the states that the scenarios make."""

    RUNNING = "running"
    PAUSED = "paused"
    EXITED = "exited"


class Question(Protocol):
    """A direct question to a service; True when it answers as it should, and raises or hangs otherwise."""

    def __call__(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One container behind one port of this machine that stays the same over restarts."""

    name: str
    container: DockerContainer
    host: str
    port: int
    answers: Question

    def state(self) -> str:
        wrapped = self.container.get_wrapped_container()
        wrapped.reload()
        return wrapped.status

    @contextmanager
    def killed(self) -> Iterator[None]:
        """The container is dead by SIGKILL inside the block, and serves again after it."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def kill(self) -> None:
        """Kill it; return when the engine says so and nothing answers at its port."""
        self.container.get_wrapped_container().kill("SIGKILL")
        self._prove(ContainerState.EXITED)

    def start(self) -> None:
        """Start what was killed; return when it serves."""
        self.container.get_wrapped_container().start()
        self._verify()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The container is frozen inside the block: connections hang rather than fail."""
        self.container.get_wrapped_container().pause()
        try:
            self._prove(ContainerState.PAUSED)
            yield
        finally:
            self.container.get_wrapped_container().unpause()
            self._verify()

    def _prove(self, state: ContainerState) -> None:
        until(lambda: self.state() == state, within=_STATE_SECONDS, what=f"{self.name} is {state}")
        assert not self.answers(), f"{self.name} is {state} and still answers: the fault is not there"

    def _verify(self) -> None:
        until(self.answers, within=_BOOT_SECONDS, what=f"{self.name} serves again")
        assert self.state() == ContainerState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How clients sign in to PostgreSQL."""

    user: str = "core"
    password: str = "core-containers"
    database: str = "core"

    def url(self, service: Service, database: str | None = None) -> str:
        place = f"{service.host}:{service.port}/{database or self.database}"
        return f"postgresql://{self.user}:{self.password}@{place}"


def postgres_image() -> str:
    return os.environ.get("HARNESS_POSTGRES_IMAGE") or "postgres:16"


def redis_image() -> str:
    return os.environ.get("HARNESS_REDIS_IMAGE") or "redis:7"


@contextmanager
def postgres(network: Network, credentials: Credentials) -> Iterator[Service]:
    """A PostgreSQL server that serves from the first line of the block on."""
    container = DockerContainer(postgres_image()).with_envs(
        POSTGRES_USER=credentials.user,
        POSTGRES_PASSWORD=credentials.password,
        POSTGRES_DB=credentials.database,
    )

    def service(host: str, port: int) -> Service:
        def answers() -> bool:
            return asyncio.run(_selects(host, port, credentials))

        return Service(name="PostgreSQL", container=container, host=host, port=port, answers=answers)

    with _running(container, network, 5432) as (host, port):
        yield _serving(service(host, port))


@contextmanager
def redis_server(network: Network) -> Iterator[Service]:
    """A Redis server with its append-only file on."""
    container = DockerContainer(redis_image()).with_command(
        [
            "redis-server",
            "--bind",
            "0.0.0.0",
            "--protected-mode",
            "no",
            "--dir",
            "/data",
            "--appendonly",
            "yes",
        ]
    )

    def service(host: str, port: int) -> Service:
        def answers() -> bool:
            return _pings(host, port)

        return Service(name="Redis", container=container, host=host, port=port, answers=answers)

    with _running(container, network, 6379) as (host, port):
        yield _serving(service(host, port))


@contextmanager
def _running(container: DockerContainer, network: Network, port: int) -> Iterator[tuple[str, int]]:
    outside = _free_port()
    container.with_network(network).with_bind_ports(port, outside)
    with container:
        yield container.get_container_host_ip(), outside


def _serving(service: Service) -> Service:
    until(service.answers, within=_BOOT_SECONDS, what=f"{service.name} serves")
    return service


def _free_port() -> int:
    for port in random.sample(_PORTS, 50):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("0.0.0.0", port))
            return port
    raise AssertionError(f"no free port found in {_PORTS}")


async def _selects(host: str, port: int, credentials: Credentials) -> bool:
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            connection = await asyncpg.connect(
                host=host,
                port=port,
                user=credentials.user,
                password=credentials.password,
                database=credentials.database,
            )
            try:
                return bool(await connection.fetchval("SELECT 1") == 1)
            finally:
                connection.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def _pings(host: str, port: int) -> bool:
    client = redis.Redis(
        host=host,
        port=port,
        socket_timeout=_ASK_SECONDS,
        socket_connect_timeout=_ASK_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
