"""Puts breakers together: the registry that others guard their calls with, and the service over it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from reference_impl.breakers import api, policies
from reference_impl.breakers.events import EventFeed
from reference_impl.breakers.health import assess, opened_from_closed
from reference_impl.breakers.library.breaker import CircuitBreaker
from reference_impl.breakers.library.states import BreakerSettings, State, StateChanged
from reference_impl.breakers.registry import BreakerRegistry, family_of
from reference_impl.breakers.service import BreakerService
from reference_impl.breakers.sharing import Outbox, Sharing
from reference_impl.breakers.states import BreakerStates
from reference_impl.breakers.store import SqlBreakerStore
from reference_impl.kit.composition import Assembled, Kit
from reference_impl.kit.ids import new_id
from reference_impl.kit.problem import Unavailable

_MONITOR_SECONDS = 1.0
_LEVEL = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}
_TRANSIENT = (SQLAlchemyError, OSError, Unavailable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakers:
    """What the application takes from breakers: the service, and guards for the others' calls."""

    assembled: Assembled
    registry: BreakerRegistry

    def guard(self, name: str) -> CircuitBreaker:
        """The breaker of this name; `upstream:host` is configured as `upstream`."""
        return self.registry.guard(name)

    def declare(self, name: str, settings: BreakerSettings) -> None:
        """Name the settings that hold until an operator configures others."""
        self.registry.declare(name, settings)


def assemble(kit: Kit) -> Breakers:
    """The registry, shared through Redis, with its API and provider states."""
    outbox = Outbox()
    registry = BreakerRegistry(monotonic=kit.clock.monotonic, decisions=policies.register(kit.policies))
    registry.listen(outbox.hear)
    measure = _measured(kit, registry)
    store = SqlBreakerStore(kit.database)

    async def note(change: StateChanged) -> None:
        try:
            await service.note(change)
        except _TRANSIENT as error:
            kit.logger.warning("breaker alert not written", extra={"error": type(error).__name__})

    async def reload() -> None:
        await service.load()

    sharing = Sharing(
        redis=kit.redis,
        registry=registry,
        outbox=outbox,
        clock=kit.clock,
        process=new_id("prc"),
        sink=note,
        reload=reload,
    )
    kit.policies.register("breakers.assessment", assess)
    kit.policies.register("breakers.news", opened_from_closed)
    service = BreakerService(
        store=store,
        registry=registry,
        clock=kit.clock,
        announce=sharing.configured,
        assess=kit.policies["breakers.assessment"],
        is_news=kit.policies["breakers.news"],
    )

    async def monitor() -> None:
        while True:
            measure()
            try:
                await service.check()
            except _TRANSIENT as error:
                kit.logger.warning("breakers not checked", extra={"error": type(error).__name__})
            await asyncio.sleep(_MONITOR_SECONDS)

    assembled = Assembled(
        name="breakers",
        service=service,
        routers=(api.build(service, EventFeed(redis=kit.redis, clock=kit.clock)),),
        startup=(reload,),
        background=(sharing.send, sharing.follow, monitor),
        states=BreakerStates(service).handlers(),
    )
    return Breakers(assembled=assembled, registry=registry)


def _measured(kit: Kit, registry: BreakerRegistry) -> Callable[[], None]:
    """Count changes of state as they happen; return what sets the gauges of all breakers."""
    state = kit.metrics.gauge("breaker_state", "0 is closed, 1 half-open, 2 open.", ("breaker",))
    changes = kit.metrics.counter(
        "breaker_transitions_total", "Changes of state.", ("breaker", "before", "after")
    )

    def hear(change: StateChanged) -> None:
        family = family_of(change.breaker)
        changes.labels(family, change.before.value, change.after.value).inc()
        state.labels(family).set(_LEVEL[registry.state_of(family)])

    def measure() -> None:
        for family in registry.families():
            state.labels(family).set(_LEVEL[registry.state_of(family)])

    registry.listen(hear)
    return measure
