"""Which services there are, under which paths, and how their ports are connected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reference_impl.auth import wiring as auth
from reference_impl.chapters import wiring as chapters
from reference_impl.hub import wiring as hub
from reference_impl.kit.access import Authenticator
from reference_impl.kit.composition import Assembled, Kit
from reference_impl.search import wiring as search

PREFIXES: Mapping[str, tuple[str, ...]] = {
    "auth": ("/auth", "/.well-known/jwks.json"),
    "breakers": ("/api/circuit-breakers",),
    "search": ("/api/search",),
    "hub": ("/api/hub",),
    "chapters": ("/graphql",),
    "storage": ("/api/storage",),
    "mcp": ("/mcp", "/api/mcp"),
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
    """The services of one process, and who tells identities."""

    assembled: Sequence[Assembled]
    authenticator: Authenticator


def reference_services(kit: Kit) -> Services:
    """Make every service; each takes the others' ports from here and knows none of them."""
    identities = auth.assemble(kit)
    authenticator = identities.authenticator
    messages = hub.assemble(kit, authenticator=authenticator)
    documents = chapters.assemble(kit, authenticator=authenticator)
    found = search.assemble(kit)
    return Services(
        assembled=(identities.assembled, messages, documents, found.assembled), authenticator=authenticator
    )
