"""Breakers behind the real gateway, with SQLite and an embedded Redis of their own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reference_impl.app import Application, create_app
from reference_impl.breakers.library.breaker import CircuitBreaker
from reference_impl.breakers.wiring import Breakers, assemble
from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.clock import SystemClock
from reference_impl.kit.composition import Kit
from reference_impl.kit.problem import Unauthorized
from reference_impl.services import Services
from reference_impl.settings import Settings

API = "/api/circuit-breakers"


class RoleTokens:
    """Every role's name is a token of it."""

    async def authenticate(self, bearer: str) -> Principal:
        if bearer not in ROLES:
            raise Unauthorized(error="invalid_token")
        return Principal(subject=f"usr-{bearer}", tenant="t1", permissions=ROLES[bearer])


class UpstreamDown(Exception):
    pass


@dataclass(frozen=True)
class Running:
    """One application with its breakers, and what tests do with it again and again."""

    app: Application
    client: TestClient
    clock: SystemClock
    breakers: Breakers

    def ask(self, method: str, path: str, role: str = "operator", **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {role}", **given.pop("headers", {})}
        return self.client.request(method, API + path, headers=headers, **given)

    def get(self, path: str, role: str = "operator", **given: Any) -> Any:
        return self.ask("GET", path, role, **given)

    def post(self, path: str, role: str = "operator", **given: Any) -> Any:
        return self.ask("POST", path, role, **given)

    def standing(self, name: str) -> dict[str, Any]:
        found = [each for each in self.get("/status").json()["breakers"] if each["name"] == name]
        assert len(found) == 1
        return dict(found[0])

    def fail(self, name: str, times: int) -> None:
        """Let calls through the breaker fail, inside the application's loop."""
        self.client.portal.call(_fail, self.breakers.guard(name), times)

    def succeed(self, name: str, times: int) -> None:
        self.client.portal.call(_succeed, self.breakers.guard(name), times)

    def until(self, holds: Callable[[], bool]) -> bool:
        """Ask until it holds; the answer comes over Redis, so nothing here can know when."""
        return bool(self.client.portal.call(_until, holds))


async def _fail(breaker: CircuitBreaker, times: int) -> None:
    async def down() -> None:
        raise UpstreamDown

    for _ in range(times):
        try:
            await breaker.call(down)
        except UpstreamDown:
            continue


async def _succeed(breaker: CircuitBreaker, times: int) -> None:
    async def works() -> None:
        return None

    for _ in range(times):
        await breaker.call(works)


async def _until(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if await asyncio.to_thread(holds):
            return True
        await asyncio.sleep(0.01)
    return False


Start = Callable[..., Running]


def _start(stack: ExitStack, folder: Path, **given: Any) -> Running:
    clock = SystemClock()
    made: list[Breakers] = []

    def services(kit: Kit) -> Services:
        made.append(assemble(kit))
        return Services(assembled=(made[0].assembled,), authenticator=RoleTokens())

    settings = Settings(data_dir=folder, **{"control": True, "rate_scale": 1000.0, **given})
    app = create_app(settings, services=services, clock=clock)
    client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
    return Running(app=app, client=client, clock=clock, breakers=made[0])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start applications on one data directory; all end with the test."""
    with ExitStack() as stack:
        yield lambda **given: _start(stack, tmp_path, **given)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One application for tests that name breakers of their own."""
    with ExitStack() as stack:
        yield _start(stack, tmp_path_factory.mktemp("breakers"))
