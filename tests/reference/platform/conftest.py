"""A small service behind the whole gateway, so that the platform can be seen without the real services."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Header, Query, Response
from pydantic import Field
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from reference_impl.app import Application, create_app
from reference_impl.kit.access import Principal, public, require
from reference_impl.kit.clock import SystemClock
from reference_impl.kit.composition import Assembled, BodyRule, Kit, Mount
from reference_impl.kit.conditional import check_if_match, strong_etag
from reference_impl.kit.model import Integer, Wire
from reference_impl.kit.problem import NotFound, Unauthorized
from reference_impl.kit.versioning import ApiVersion, requested_version
from reference_impl.services import Services
from reference_impl.settings import Settings

TOKENS = {
    "reader": frozenset({"hub:read"}),
    "writer": frozenset({"hub:read", "hub:write"}),
    "other-writer": frozenset({"hub:read", "hub:write"}),
}


Reader = Annotated[Principal, require("hub:read")]
Writer = Annotated[Principal, require("hub:write")]


class ThingIn(Wire):
    name: str = Field(min_length=1, max_length=50)
    amount: Integer = Field(ge=0, le=1000)


class ThingOut(Wire):
    id: str
    name: str
    amount: int


@dataclass
class Things:
    """What the service holds, and how often it was asked to create."""

    rows: dict[str, ThingOut] = field(default_factory=dict)
    created: int = 0
    greeting: Callable[[str], str] = lambda name: f"hello {name}"

    def create(self, thing: ThingIn) -> ThingOut:
        self.created += 1
        row = ThingOut(id=f"thing_{self.created}", name=thing.name, amount=thing.amount)
        self.rows[row.id] = row
        return row

    def get(self, identity: str) -> ThingOut:
        if identity not in self.rows:
            raise NotFound("There is no such thing.")
        return self.rows[identity]


def _etag(row: ThingOut) -> str:
    return strong_etag(row.id, row.name, row.amount)


def _add_things(router: APIRouter, things: Things) -> None:
    @router.get("/things", summary="List things.")
    async def list_things(_: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[ThingOut]:
        return list(things.rows.values())[:limit]

    @router.post("/things", status_code=201, summary="Create a thing.")
    async def create_thing(body: ThingIn, _: Writer) -> ThingOut:
        return things.create(body)

    @router.get("/things/all", summary="Count things.")
    async def count_things(_: Reader) -> dict[str, int]:
        return {"count": len(things.rows)}

    @router.get("/things/{identity}", summary="Read a thing.")
    async def get_thing(identity: str, response: Response, _: Reader) -> ThingOut:
        row = things.get(identity)
        response.headers["ETag"] = _etag(row)
        return row

    @router.put("/things/{identity}", summary="Replace a thing.")
    async def replace_thing(
        identity: str,
        body: ThingIn,
        _: Writer,
        if_match: Annotated[str | None, Header()] = None,
    ) -> ThingOut:
        check_if_match(if_match, _etag(things.get(identity)))
        things.rows[identity] = ThingOut(id=identity, name=body.name, amount=body.amount)
        return things.rows[identity]


def _add_oddities(router: APIRouter, things: Things) -> None:
    @router.get("/greeting", dependencies=[public()], summary="Greet.")
    async def greet(name: str = "you") -> dict[str, str]:
        return {"greeting": things.greeting(name)}

    @router.get("/long", dependencies=[public()], summary="Answer at length.")
    async def answer_at_length() -> PlainTextResponse:
        return PlainTextResponse("long " * 1000, headers={"ETag": '"one"'})

    @router.get("/version", dependencies=[public()], summary="Tell the version.")
    async def tell_version(version: Annotated[ApiVersion, requested_version()]) -> dict[str, int]:
        return {"version": int(version)}

    @router.get("/broken", dependencies=[public()], summary="Fail.")
    async def fail() -> dict[str, str]:
        raise RuntimeError("the password is hunter2, see /etc/secret.py")

    @router.post("/stream", dependencies=[public()], summary="Count the bytes.")
    async def count_bytes(body: bytes = b"") -> dict[str, int]:
        return {"bytes": len(body)}


async def _raw(scope: Scope, receive: Receive, send: Send) -> None:
    text = f"{scope['root_path']} {scope['path']}"
    await PlainTextResponse(text)(scope, receive, send)


class Tokens:
    """Knows the bearer tokens of these tests."""

    async def authenticate(self, bearer: str) -> Principal:
        name = bearer.partition(".")[0]
        if name not in TOKENS:
            raise Unauthorized("Not one of ours.", error="invalid_token")
        return Principal(subject=bearer, tenant="t1", permissions=TOKENS[name])


def services(kit: Kit) -> Services:
    things = Things()
    kit.policies.register("things.greeting", things.greeting)
    things.greeting = kit.policies["things.greeting"]
    hub = APIRouter(prefix="/api/hub", tags=["hub"])
    _add_things(hub, things)
    _add_oddities(hub, things)
    login = APIRouter(tags=["auth"])

    @login.post("/auth/login", dependencies=[public()], summary="Sign in.")
    async def log_in(body: ThingIn) -> dict[str, str]:
        return {"token": body.name * 20}

    async def a_thing(params: Mapping[str, object]) -> Mapping[str, object]:
        amount = params.get("amount", 1)
        row = things.create(ThingIn(name="given", amount=amount if isinstance(amount, int) else 1))
        return {"thing_id": row.id}

    held = Assembled(
        name="hub",
        service=things,
        routers=(hub,),
        mounts=(
            Mount(path="/api/hub/raw", app=_raw, permission="hub:read", methods=("GET",)),
            Mount(path="/api/hub/open", app=_raw, public=True, methods=("GET", "POST")),
        ),
        states={"a thing": a_thing},
        bodies=(BodyRule(prefix="/api/hub/stream", limit=2048),),
    )
    auth = Assembled(name="auth", service=None, routers=(login,))
    return Services(assembled=(auth, held), authenticator=Tokens())


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Running:
    """One application under test."""

    app: Application
    client: TestClient
    clock: SystemClock


Start = Callable[..., Running]


def _start(stack: ExitStack, folder: Path, **given: Any) -> Running:
    clock = SystemClock()
    settings = Settings(data_dir=folder, **{"control": True, "rate_scale": 1.0, **given})
    app = create_app(settings, services=services, clock=clock)
    client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
    return Running(app=app, client=client, clock=clock)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start applications with settings of their own; all end with the test."""
    with ExitStack() as stack:
        yield lambda **given: _start(stack, tmp_path, **given)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One application with generous limits for tests that leave nothing behind that others could see."""
    with ExitStack() as stack:
        yield _start(stack, tmp_path_factory.mktemp("shared"), rate_scale=1000.0, body_limit=4096)


@pytest.fixture(scope="module")
def client(shared: Running) -> TestClient:
    return shared.client


@pytest.fixture(scope="session")
def authorization() -> Callable[[str], dict[str, str]]:
    return bearer


@pytest.fixture(scope="session")
def small_services() -> Callable[[Kit], Services]:
    return services
