"""Which services there are, under which paths, and those of them that a worker needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reference_impl.auth import wiring as auth
from reference_impl.breakers import wiring as breakers
from reference_impl.hub import wiring as hub
from reference_impl.kit.access import Authenticator
from reference_impl.kit.composition import Assembled, Kit

PREFIXES: Mapping[str, tuple[str, ...]] = {
    "auth": ("/auth", "/.well-known/jwks.json"),
    "breakers": ("/api/circuit-breakers",),
    "search": ("/api/search",),
    "hub": ("/api/hub",),
    "chapters": ("/graphql",),
    "storage": ("/api/storage",),
    "mcp": ("/mcp", "/api/mcp", "/.well-known/oauth-protected-resource"),
}
TAGS: Mapping[str, str] = {
    "auth": "Registration, sign-in, tokens, roles and the audit trail.",
    "breakers": "Circuit breakers: their state, health, alerts and monitoring.",
    "search": "Web and news search with fallback.",
    "hub": "Messages to channels: durable, by priority, with dead letters.",
    "chapters": "Documents and their chapters over GraphQL.",
    "storage": "Objects.",
    "mcp": "Model Context Protocol servers.",
    "operations": "Health, metrics and documents about this API.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one process, and who tells identities; `is_whole` says that none is left out."""

    assembled: Sequence[Assembled]
    authenticator: Authenticator
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """The services that have tasks of their own, and those that these lean on."""

    identities: auth.Auth
    guarding: breakers.Breakers
    messages: Assembled


def foundation(kit: Kit) -> Foundation:
    """Make them; each takes the others' ports from here and knows none of them."""
    identities = auth.assemble(kit)
    guarding = breakers.assemble(kit)
    messages = hub.assemble(kit, authenticator=identities.authenticator, guards=guarding.guard)
    return Foundation(identities=identities, guarding=guarding, messages=messages)


def worker_services(kit: Kit) -> Services:
    """Make no more than a worker needs: it answers nobody, so it loads neither GraphQL nor MCP."""
    base = foundation(kit)
    return Services(
        assembled=(base.identities.assembled, base.guarding.assembled, base.messages),
        authenticator=base.identities.authenticator,
        is_whole=False,
    )
