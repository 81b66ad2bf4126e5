"""Auth behind the real gateway, with SQLite and an embedded Redis of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reference_impl.app import Application, create_app
from reference_impl.auth.wiring import assemble
from reference_impl.kit.clock import SystemClock
from reference_impl.kit.composition import Kit
from reference_impl.services import Services
from reference_impl.settings import Settings

PASSPHRASE = "seven quiet rivers run"


def only_auth(kit: Kit) -> Services:
    auth = assemble(kit)
    return Services(assembled=(auth.assembled,), authenticator=auth.authenticator)


@dataclass(frozen=True)
class Running:
    """One application, and what tests do with it again and again."""

    app: Application
    client: TestClient
    clock: SystemClock

    def state(self, name: str, **params: object) -> dict[str, Any]:
        answer = self.client.post(
            "/_control/states", json={"state": name, "action": "setup", "params": params}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def login(self, email: str, password: str = PASSPHRASE) -> Any:
        return self.client.post("/auth/login", json={"email": email, "password": password})

    def refresh(self, refresh_token: str) -> Any:
        return self.client.post("/auth/refresh", json={"refresh_token": refresh_token})

    def get(self, path: str, token: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def post(self, path: str, token: str) -> Any:
        return self.client.post(path, headers={"Authorization": f"Bearer {token}"})

    def put(self, path: str, token: str, body: object, **headers: str) -> Any:
        return self.client.put(path, json=body, headers={"Authorization": f"Bearer {token}", **headers})


Start = Callable[..., Running]


def _start(stack: ExitStack, folder: Path, **given: Any) -> Running:
    clock = SystemClock()
    settings = Settings(data_dir=folder, **{"control": True, "rate_scale": 1000.0, **given})
    app = create_app(settings, services=only_auth, clock=clock)
    client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
    return Running(app=app, client=client, clock=clock)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start applications on one data directory; all end with the test."""
    with ExitStack() as stack:
        yield lambda **given: _start(stack, tmp_path, **given)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One application for tests that make users of their own."""
    with ExitStack() as stack:
        yield _start(stack, tmp_path_factory.mktemp("auth"))


@pytest.fixture(scope="session")
def passphrase() -> str:
    return PASSPHRASE
