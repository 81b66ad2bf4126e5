"""One contract, whether a service lives in the gateway's process or in another."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_impl.app import Application, UnknownService, create_app
from reference_impl.gateway.routes import UndeclaredAccess
from reference_impl.kit.composition import Assembled, Kit
from reference_impl.services import Services
from reference_impl.settings import Settings

Bearer = Callable[[str], dict[str, str]]
THING = {"name": "lamp", "amount": 3}
BASE = "http://core.test"


def _app(folder: Path, small: Any, **given: Any) -> Application:
    transport = given.pop("transport", None)
    settings = Settings(data_dir=folder, public_url=BASE, body_limit=4096, **given)
    return create_app(settings, services=small, transport=transport)


@pytest.fixture(params=["one process", "two processes"])
async def core(
    request: pytest.FixtureRequest, tmp_path: Path, small_services: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        if request.param == "one process":
            front = _app(tmp_path, small_services)
        else:
            hub = _app(tmp_path, small_services, only=("hub",), trusted_proxies=("127.0.0.1/32",))
            await stack.enter_async_context(hub.running())
            front = _app(
                tmp_path,
                small_services,
                only=("gateway", "auth"),
                services={"hub": "http://hub.internal:9000"},
                transport=httpx.ASGITransport(app=hub.gateway.app),
            )
        await stack.enter_async_context(front.running())
        transport = httpx.ASGITransport(app=front.gateway.app)
        yield await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=BASE))


async def test_what_is_created_can_be_read(core: httpx.AsyncClient, authorization: Bearer) -> None:
    made = await core.post("/api/hub/things", json=THING, headers=authorization("writer"))
    read = await core.get(f"/api/hub/things/{made.json()['id']}", headers=authorization("reader"))

    assert (made.status_code, read.status_code) == (201, 200)
    assert read.json() == made.json()


@pytest.mark.parametrize(
    ("method", "path", "token", "body", "status"),
    [
        ("GET", "/api/hub/things", None, None, 401),
        ("GET", "/api/hub/things", "nobody", None, 401),
        ("POST", "/api/hub/things", "reader", THING, 403),
        ("GET", "/api/hub/things/none", "reader", None, 404),
        ("GET", "/api/hub/nowhere", "reader", None, 404),
        ("DELETE", "/api/hub/things", "writer", None, 405),
        ("POST", "/api/hub/things", "writer", {"name": "x" * 5000, "amount": 1}, 413),
        ("POST", "/api/hub/things", "writer", {"name": "lamp", "amount": -1}, 422),
        ("GET", "/v3/api/hub/things", "reader", None, 404),
        ("GET", "/api/hub/broken", None, None, 500),
    ],
)
async def test_refusals_are_the_same_problem(
    *,
    core: httpx.AsyncClient,
    authorization: Bearer,
    method: str,
    path: str,
    token: str | None,
    body: object,
    status: int,
) -> None:
    headers = {"X-Request-ID": "same-id", **(authorization(token) if token else {})}

    response = await core.request(method, path, json=body, headers=headers)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["x-request-id"] == "same-id"
    assert response.json()["type"].startswith(f"{BASE}/problems/")


async def test_a_key_is_replayed(core: httpx.AsyncClient, authorization: Bearer) -> None:
    headers = {**authorization("writer"), "Idempotency-Key": "k1"}

    first = await core.post("/api/hub/things", json=THING, headers=headers)
    again = await core.post("/api/hub/things", json=THING, headers=headers)

    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_the_trace_and_the_version_reach_the_service(core: httpx.AsyncClient) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    response = await core.get("/v1/api/hub/version", headers={"traceparent": given})

    assert response.json() == {"version": 1}
    assert response.headers["deprecation"]
    assert response.headers.get_list("traceparent")[0].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert len(response.headers.get_list("api-version")) == 1


async def test_conditions_and_codings_hold(core: httpx.AsyncClient) -> None:
    first = await core.get("/api/hub/long", headers={"Accept-Encoding": "gzip"})
    again = await core.get("/api/hub/long", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-encoding"] == "gzip"
    assert first.text == "long " * 1000
    assert again.status_code == 304


async def test_limits_are_counted_once(core: httpx.AsyncClient, authorization: Bearer) -> None:
    first = await core.get("/api/hub/things", headers=authorization("reader"))
    second = await core.get("/api/hub/things", headers=authorization("reader"))

    left = [int(each.headers["ratelimit"].split("r=")[1].split(";")[0]) for each in (first, second)]
    assert left[0] - left[1] == 1


async def test_the_document_describes_services_wherever_they_live(core: httpx.AsyncClient) -> None:
    paths = (await core.get("/openapi.json")).json()["paths"]

    assert {"/api/hub/things", "/auth/login", "/health/ready"} <= set(paths)


async def test_a_service_that_cannot_be_reached_is_unavailable(tmp_path: Path, small_services: Any) -> None:
    front = _app(tmp_path, small_services, only=("gateway",), services={"hub": "http://127.0.0.1:1"})

    async with front.running():
        transport = httpx.ASGITransport(app=front.gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            response = await client.get("/api/hub/greeting")

    assert response.status_code == 503
    assert response.headers["retry-after"]


async def test_a_service_held_by_nobody_here_is_not_found(tmp_path: Path, small_services: Any) -> None:
    front = _app(tmp_path, small_services, only=("auth",))

    async with front.running():
        transport = httpx.ASGITransport(app=front.gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            assert (await client.get("/api/hub/greeting")).status_code == 404


def test_an_unknown_service_does_not_start(tmp_path: Path, small_services: Any) -> None:
    with pytest.raises(UnknownService, match="Did you mean 'hub'"):
        _app(tmp_path, small_services, only=("hubb",))


def test_a_route_without_declared_access_does_not_start(tmp_path: Path, small_services: Any) -> None:
    def careless(kit: Kit) -> Services:
        made = small_services(kit)
        router = made.assembled[1].routers[0]

        @router.get("/admin", summary="Forgotten.")
        async def forgotten() -> dict[str, str]:
            return {}

        return Services(
            assembled=(Assembled(name="hub", service=None, routers=(router,)),),
            authenticator=made.authenticator,
        )

    with pytest.raises(UndeclaredAccess, match="GET /api/hub/admin"):
        _app(tmp_path, careless)
