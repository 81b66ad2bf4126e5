"""Puts search together: its policies by name, the upstream behind a breaker, its memory."""

from dataclasses import dataclass

from reference_impl.kit.composition import Assembled, Kit
from reference_impl.kit.http import Guard, NoGuard
from reference_impl.search import api
from reference_impl.search.brave import BraveSearch, parameters_of
from reference_impl.search.memory import RedisMemory
from reference_impl.search.policies import OLDEST_SECONDS, Degrade, may_serve, quiet_seconds
from reference_impl.search.ports import Guards, Upstream
from reference_impl.search.service import SearchService
from reference_impl.search.states import SearchStates

UPSTREAM = "brave-search"


def no_guards(_: str) -> Guard:
    """Without a breaker service the upstream is called directly."""
    return NoGuard()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledSearch:
    """The service for other services' ports, and what the application mounts."""

    service: SearchService
    assembled: Assembled


def assemble(kit: Kit, *, guards: Guards = no_guards) -> AssembledSearch:
    """Search with its router and its provider states."""
    kit.policies.register("search.cache_age", may_serve)
    kit.policies.register("search.fallback", Degrade(may_serve=kit.policies["search.cache_age"]))
    kit.policies.register("search.quiet_seconds", quiet_seconds)
    kit.policies.register("search.parameters", parameters_of)
    upstream: Upstream = BraveSearch(
        base_url=kit.settings.brave_url,
        token=kit.settings.brave_token.get_secret_value() or "unset",
        http=kit.http,
        guard=guards(UPSTREAM),
        clock=kit.clock,
        quiet_seconds=kit.policies["search.quiet_seconds"],
        parameters=kit.policies["search.parameters"],
    )
    memory = RedisMemory(kit.redis, keep_seconds=int(OLDEST_SECONDS))
    service = SearchService(
        upstream=upstream, memory=memory, fallback=kit.policies["search.fallback"], clock=kit.clock
    )
    return AssembledSearch(
        service=service,
        assembled=Assembled(
            name="search",
            service=service,
            routers=(api.build(service),),
            readiness={"brave": service.check_upstream},
            states=SearchStates(memory=memory, clock=kit.clock).handlers(),
        ),
    )
