"""GraphQL: an endpoint that answers a query, and the fields it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.core.resources import resource
from harness.target.probes.protocol import Asking, Probe, capability, said, state_of

#: Where GraphQL usually lives. A path that nobody named is asked by GET: a POST might change something.
PATHS = ("/graphql", "/api/graphql")
_FIELDS = "{__schema{queryType{name fields{name}} mutationType{name fields{name}}}}"


def ask(asking: Asking) -> Capability:
    """Ask for __typename; then learn the fields by introspection, or from the schema file that is named."""
    named = asking.instance.target.graphql
    seen = []
    for path in (named,) if named else PATHS:
        answer = _query(asking, path, "{__typename}")
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("graphql", CapabilityState.BROKEN, said(answer))
        seen.append(said(answer))
        if _speaks_graphql(answer):
            return capability("graphql", CapabilityState.PRESENT, said(answer), _fields(asking, path))
        if named and state_of(answer) is CapabilityState.PRESENT:
            return capability(
                "graphql", CapabilityState.BROKEN, f"{said(answer)}, which is no GraphQL answer"
            )
    return capability("graphql", CapabilityState.ABSENT, "; ".join(seen))


def _query(asking: Asking, path: str, query: str) -> httpx.Response | str:
    headers = {"Accept": "application/graphql-response+json, application/json", **asking.identity_headers()}
    if not asking.instance.target.graphql:
        return asking.send("graphql", "GET", f"{path}?{urlencode({'query': query})}", headers=headers)
    return asking.send("graphql", "POST", path, json={"query": query}, headers=headers)


def _speaks_graphql(answer: httpx.Response) -> bool:
    try:
        document = answer.json()
    except ValueError:
        return False
    return isinstance(document, dict) and ("data" in document or isinstance(document.get("errors"), list))


def _fields(asking: Asking, path: str) -> tuple[str, ...]:
    answer = _query(asking, path, _FIELDS)
    if not isinstance(answer, str) and _speaks_graphql(answer):
        told = tuple(_told_fields(answer.json()))
        if told:
            return told
    named = asking.instance.target.graphql_schema
    return fields_of_sdl(_find(named).read_text(encoding="utf-8")) if named else ()


def _told_fields(document: Any) -> Iterator[str]:
    """Yield the fields that an introspection tells; one that is not answered as it was asked tells none."""
    schema = _member(_member(document, "data"), "__schema")
    for root in ("queryType", "mutationType"):
        kind = _member(schema, root)
        fields = _member(kind, "fields")
        for field in fields if isinstance(fields, list) else ():
            if isinstance(name := _member(field, "name"), str):
                yield f"{_member(kind, 'name')}.{name}"


def _member(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _find(named: str) -> Path:
    return Path(named) if Path(named).is_file() else resource(named)


def fields_of_sdl(text: str) -> tuple[str, ...]:
    """Return `Query.x` and `Mutation.y` for every field that a schema's root types have."""
    from graphql import build_schema  # noqa: PLC0415 - only targets with a schema file pay for it

    schema = build_schema(text)
    roots = (schema.query_type, schema.mutation_type)
    return tuple(f"{root.name}.{name}" for root in roots if root is not None for name in root.fields)


PROBE = Probe(id="graphql", ask=ask)
