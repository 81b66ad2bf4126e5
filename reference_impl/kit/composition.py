"""How an application is put together: what every service gets, and what every service gives back."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import SystemRandom

import httpx
from fastapi import APIRouter
from redis.asyncio import Redis
from starlette.types import ASGIApp

from reference_impl.kit.clock import Clock, SystemClock
from reference_impl.kit.database import Database
from reference_impl.kit.http import CallPolicies, Outbound, Random, bounded, may_retry, tries_left
from reference_impl.kit.policies import Policies
from reference_impl.kit.redis import EmbeddedRedis, open_redis
from reference_impl.kit.telemetry import Metrics
from reference_impl.settings import Settings

StateHandler = Callable[[Mapping[str, object]], Awaitable[Mapping[str, object]]]
Background = Callable[[], Awaitable[None]]
ReadinessCheck = Callable[[], Awaitable[None]]
"""Returns when the dependency serves; raises with the reason when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What every service may use."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    policies: Policies
    metrics: Metrics
    http: Outbound
    random: Random
    logger: logging.Logger


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """An ASGI application under a path prefix; closed unless it is public or names a permission."""

    path: str
    app: ASGIApp
    public: bool = False
    permission: str | None = None
    methods: tuple[str, ...] = ("GET", "POST")
    document: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """OpenAPI path items by path, for what is below the mount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRule:
    """How bodies under a path prefix are treated; `stream` passes them on unread."""

    prefix: str
    limit: int
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What a service gives back."""

    name: str
    service: object
    routers: Sequence[APIRouter] = ()
    mounts: Sequence[Mount] = ()
    background: Sequence[Background] = ()
    """Tasks that run as long as the server does."""
    worker: Sequence[Background] = ()
    """Tasks that run in `core-reference worker`, and in the server unless CORE_EMBEDDED_WORKER=off."""
    states: Mapping[str, StateHandler] = field(default_factory=dict)
    readiness: Mapping[str, ReadinessCheck] = field(default_factory=dict)
    bodies: Sequence[BodyRule] = ()
    startup: Sequence[Background] = ()
    """Run once, before the first request; a failure stops the start."""
    shutdown: Sequence[Background] = ()


def build_kit(
    settings: Settings,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    policies: Policies | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Kit:
    """Make the kit without touching disk servers or the network; everything connects on first use."""
    chosen_clock = clock or SystemClock()
    chosen_random = random or SystemRandom()
    metrics = Metrics()
    named = policies or Policies()
    named.register("redis.client", open_redis(settings))
    statements = metrics.counter("database_statements_total", "Statements that were sent to the store.")
    return Kit(
        settings=settings,
        clock=chosen_clock,
        database=Database(settings.sqlalchemy_url, count=statements.inc),
        redis=named["redis.client"],
        policies=named,
        metrics=metrics,
        http=Outbound(
            clock=chosen_clock,
            metrics=metrics,
            random=chosen_random,
            transport=transport,
            policies=_call_policies(named),
        ),
        random=chosen_random,
        logger=logging.getLogger("reference_impl"),
    )


def _call_policies(policies: Policies) -> CallPolicies:
    """Name the decisions of outbound calls and take back those in force."""
    policies.register("http.may_retry", may_retry)
    policies.register("http.tries_left", tries_left)
    policies.register("http.deadline", bounded)
    return CallPolicies(
        may_retry=policies["http.may_retry"],
        tries_left=policies["http.tries_left"],
        deadline=policies["http.deadline"],
    )


async def close_kit(kit: Kit) -> None:
    await kit.http.close()
    await kit.redis.aclose()
    await kit.database.close()


@asynccontextmanager
async def open_kit(
    settings: Settings, *, clock: Clock | None = None, random: Random | None = None
) -> AsyncIterator[Kit]:
    """A kit with its embedded Redis running, for a service that is used without the application."""
    kit = build_kit(settings, clock=clock, random=random)
    embedded = EmbeddedRedis(settings) if settings.redis_is_embedded else None
    try:
        if embedded is not None:
            await embedded.start()
        yield kit
    finally:
        await close_kit(kit)
        if embedded is not None:
            await embedded.stop()
