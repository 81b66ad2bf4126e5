"""Hub, chapters, storage and MCP behind the real gateway, with known identities and a search of our own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obstore.store import MemoryStore
from starlette.testclient import TestClient

from reference_impl.app import Application, create_app
from reference_impl.chapters.wiring import assemble as assemble_chapters
from reference_impl.hub.wiring import assemble as assemble_hub
from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.clock import SystemClock
from reference_impl.kit.composition import Kit
from reference_impl.kit.problem import Unauthorized, Unavailable
from reference_impl.mcp.models import Hit, SearchAnswer
from reference_impl.mcp.wiring import assemble as assemble_mcp
from reference_impl.services import Services
from reference_impl.settings import Settings
from reference_impl.storage.blobs import ObstoreBlobs
from reference_impl.storage.wiring import assemble as assemble_storage

PRINCIPALS = {
    "alice": Principal(subject="usr_alice", tenant="north", permissions=ROLES["user"]),
    "bob": Principal(subject="usr_bob", tenant="north", permissions=ROLES["user"]),
    "reader": Principal(subject="usr_reader", tenant="north", permissions=ROLES["reader"]),
    "root": Principal(subject="usr_root", tenant="north", permissions=ROLES["admin"]),
    "nothing": Principal(subject="usr_nothing", tenant="north", permissions=frozenset()),
}
SECRET = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


class Tokens:
    """Knows the bearer tokens of these tests."""

    async def authenticate(self, bearer: str) -> Principal:
        if bearer not in PRINCIPALS:
            raise Unauthorized("Not one of ours.", error="invalid_token")
        return PRINCIPALS[bearer]


@dataclass
class FakeSearch:
    """Remembers what it was asked."""

    asked: list[tuple[str, str, str, int]] = field(default_factory=list)
    is_down: bool = False

    async def web(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return self._answer("web", principal, query, count)

    async def news(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return self._answer("news", principal, query, count)

    async def check(self) -> None:
        if self.is_down:
            raise Unavailable("Search is down.")

    def _answer(self, kind: str, principal: Principal, query: str, count: int) -> SearchAnswer:
        if self.is_down:
            raise Unavailable("Search is down.")
        if query == "crash":
            raise RuntimeError("the password is hunter2")
        self.asked.append((kind, principal.subject, query, count))
        return SearchAnswer(hits=[Hit(title="T", url="https://e.org/", description="D")], degraded=False)


@dataclass
class Serving:
    """One application under test."""

    app: Application
    client: TestClient
    clock: SystemClock
    search: FakeSearch

    @property
    def kit(self) -> Kit:
        return self.app.kit

    def call(self, method: str, path: str, token: str = "alice", **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | dict(given.pop("headers", {}))
        return self.client.request(method, path, headers=headers, **given)


@contextmanager
def serving(folder: Path, **given: Any) -> Iterator[Serving]:
    """Start an application of these four services; it ends with the block."""
    search = FakeSearch()

    def services(kit: Kit) -> Services:
        tokens = Tokens()
        return Services(
            assembled=(
                assemble_hub(kit, authenticator=tokens),
                assemble_chapters(kit, authenticator=tokens),
                assemble_storage(kit, blobs=ObstoreBlobs(MemoryStore())),
                assemble_mcp(kit, search=search),
            ),
            authenticator=tokens,
        )

    clock = SystemClock()
    settings = Settings(
        data_dir=folder,
        **{"control": True, "rate_scale": 1000.0, "embedded_worker": False, "webhook_secrets": (SECRET,)}
        | given,
    )
    app = create_app(settings, services=services, clock=clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield Serving(app=app, client=client, clock=clock, search=search)
