"""The composition root: makes the services, connects their ports, and puts the gateway before them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import chain
from types import ModuleType
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from reference_impl import defects
from reference_impl.defects import Seeded
from reference_impl.gateway import openapi, routes, stack
from reference_impl.gateway.stack import Gateway, Surface
from reference_impl.kit.clock import Clock
from reference_impl.kit.composition import Assembled, Background, Kit, ReadinessCheck, StateHandler, build_kit
from reference_impl.kit.policies import Policies
from reference_impl.kit.problem import Unavailable
from reference_impl.migrations.runner import current_revision, newest_revision
from reference_impl.ops import api as ops_api
from reference_impl.ops.control import ControlService
from reference_impl.ops.health import HealthService, honest, up_is_one
from reference_impl.ops.lifecycle import Lifecycle
from reference_impl.ops.store import ControlStore
from reference_impl.services import PREFIXES, TAGS, Services
from reference_impl.settings import Settings

GATEWAY = "gateway"
_REQUIRED = frozenset({"database"})


class UnknownService(Exception):
    """--only or CORE_SERVICES__… names a service that does not exist."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        close = get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"there is no service {name!r}; known: {', '.join(known)}.{hint}")
        self.name = name


class DuplicateState(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"two services offer the provider state {name!r}; state names are unique")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One process of the reference: an ASGI application, and the same without HTTP for a worker."""

    kit: Kit
    api: FastAPI
    document: Callable[[], Mapping[str, Any]]
    gateway: Gateway
    _server: Lifecycle
    _worker: Lifecycle

    def running(self) -> AbstractAsyncContextManager[None]:
        """Everything that a server needs around the time in which it serves."""
        return self._server.running()

    def working(self) -> AbstractAsyncContextManager[None]:
        """The workers' tasks instead of the routes."""
        return self._worker.running()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self.running(), receive, send)
            return
        await self.gateway.app(scope, receive, send)


def as_offered(states: Mapping[str, StateHandler]) -> Mapping[str, StateHandler]:
    """Enter provider states as the services offer them."""
    return states


def create_app(
    settings: Settings,
    *,
    services: Callable[[Kit], Services] | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    defect_files: ModuleType = defects,
) -> Application:
    """Put one process together. Raises when a defect, a service or a route is not what it must be."""
    policies = Policies()
    seeded = _seed(settings, policies, defect_files)
    kit = build_kit(settings, policies=policies, clock=clock, transport=transport)
    stack.register_policies(policies, https=settings.origin.startswith("https://"))
    policies.register("ops.readiness", honest)
    policies.register("ops.level", up_is_one)
    policies.register("ops.provider_states", as_offered)
    policies.register("ops.document", openapi.as_generated)
    made = (services or _every_service)(kit)
    held, remotes = _spread(settings, made.assembled)
    health = _health(kit, held)
    control = _control(kit, seeded, held) if settings.control else None

    published: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    @cache
    def document() -> Mapping[str, Any]:
        every = _api(kit, health, None, made.assembled, document=dict)
        mounts = tuple(chain.from_iterable(each.mounts for each in made.assembled))
        return published(
            openapi.document(
                every,
                public_url=settings.origin,
                contact_email=settings.contact_email,
                tags=TAGS,
                mounts=mounts,
            )
        )

    api = _api(kit, health, control, held, document=document)
    routes.refuse_undeclared(api)
    gateway = stack.build(kit, api, _surface(held, remotes), made.authenticator)
    if made.is_whole:  # what a worker leaves out may be what a defect is about; the server looks
        defects.guard(seeded, policies)

    background = [each for one in made.assembled for each in one.background]
    background += [*gateway.background, health.watch, *([control.keep_in_step] if control else [])]
    workers = [each for one in held for each in one.worker]
    return Application(
        kit=kit,
        api=api,
        document=document,
        gateway=gateway,
        _server=_life(kit, made, [*background, *(workers if settings.embedded_worker else ())]),
        _worker=_life(kit, made, [*background, *workers]),
    )


def _every_service(kit: Kit) -> Services:
    from reference_impl.every_service import reference_services  # noqa: PLC0415 - a worker needs only some

    return reference_services(kit)


def _seed(settings: Settings, policies: Policies, files: ModuleType) -> tuple[Seeded, ...]:
    """Only a process with defects reads the defect files."""
    if not settings.defects:
        return ()
    known = defects.discover(files) if settings.control else {}
    return defects.seed(settings.defects, policies, known, control=settings.control)


def _spread(
    settings: Settings, assembled: Sequence[Assembled]
) -> tuple[tuple[Assembled, ...], Mapping[str, str]]:
    """What this process holds, and where the rest is."""
    known = [each.name for each in assembled]
    for name in (*settings.only, *settings.services):
        if name not in {*known, *PREFIXES, GATEWAY}:
            raise UnknownService(name, [*known, GATEWAY])
    if settings.only:
        held = tuple(each for each in assembled if each.name in settings.only)
    else:
        held = tuple(each for each in assembled if each.name not in settings.services)
    names = {each.name for each in held}
    return held, {name: url for name, url in settings.services.items() if name not in names}


def _surface(held: Sequence[Assembled], remotes: Mapping[str, str]) -> Surface:
    return Surface(
        mounts=tuple(chain.from_iterable(each.mounts for each in held)),
        bodies=tuple(chain.from_iterable(each.bodies for each in held)),
        remotes=remotes,
        prefixes=PREFIXES,
    )


def _health(kit: Kit, held: Sequence[Assembled]) -> HealthService:
    async def database() -> None:
        if await current_revision(kit.database) != newest_revision():
            raise Unavailable("The database is not at the newest revision; run core-reference migrate.")

    async def redis() -> None:
        await kit.redis.ping()

    checks: dict[str, ReadinessCheck] = {"database": database, "redis": redis}
    for each in held:
        checks |= each.readiness
    return HealthService(
        checks=checks,
        required=_REQUIRED,
        clock=kit.clock,
        metrics=kit.metrics,
        verdict=kit.policies["ops.readiness"],
        level=kit.policies["ops.level"],
    )


def _control(kit: Kit, seeded: Sequence[Seeded], held: Sequence[Assembled]) -> ControlService:
    states: dict[str, StateHandler] = {}
    for each in held:
        for name, handler in each.states.items():
            if name in states:
                raise DuplicateState(name)
            states[name] = handler
    return ControlService(
        store=ControlStore(kit.database),
        clock=kit.clock,
        policies=kit.policies,
        seeded=seeded,
        states=kit.policies["ops.provider_states"](states),
    )


def _api(
    kit: Kit,
    health: HealthService,
    control: ControlService | None,
    assembled: Sequence[Assembled],
    *,
    document: Callable[[], Mapping[str, Any]],
) -> FastAPI:
    """The routes of these services and of operations; the framework's own pages are off."""
    api = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
    )
    for router in chain.from_iterable(each.routers for each in assembled):
        api.include_router(router)
    api.include_router(ops_api.build(health, kit.metrics, document, hardened=kit.settings.hardened))
    if control is not None:
        api.include_router(ops_api.build_control(control))
    return api


def _life(kit: Kit, made: Services, background: Sequence[Background]) -> Lifecycle:
    return Lifecycle(
        kit,
        startup=tuple(chain.from_iterable(each.startup for each in made.assembled)),
        background=background,
        shutdown=tuple(chain.from_iterable(each.shutdown for each in made.assembled)),
    )


async def _lifespan(running: AbstractAsyncContextManager[None], receive: Receive, send: Send) -> None:
    """The ASGI lifespan protocol around a context manager."""
    await receive()
    try:
        await running.__aenter__()
    except Exception as error:
        await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await running.__aexit__(None, None, None)
    await send({"type": "lifespan.shutdown.complete"})
