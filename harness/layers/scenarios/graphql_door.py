"""GraphQL over HTTP as a client speaks it, and what can be learnt of the schema."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from graphql import GraphQLSchema, build_client_schema, build_schema, get_introspection_query

from harness.core.resources import resource
from harness.layers.scenarios.reads import json_or_none
from harness.layers.scenarios.signals import Inconclusive
from harness.target.probes.graphql import PATHS

RESPONSE_JSON = "application/graphql-response+json"
ACCEPT_NEW = {"Accept": f"{RESPONSE_JSON}, application/json;q=0.9"}
ACCEPT_OLD = {"Accept": "application/json"}
_SILENT = frozenset({401, 403, 429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLDoor:
    """One endpoint; everything it sends is a query, or is not executed by a server that keeps the rules."""

    client: httpx.Client
    path: str

    def post(
        self, query: object, *, accept: Mapping[str, str] = ACCEPT_NEW, **members: object
    ) -> httpx.Response:
        """Post a request; an answer that shows nothing of the endpoint is inconclusive."""
        return self._told(self.client.post(self.path, json={"query": query, **members}, headers=accept))

    def send(self, body: object, *, accept: Mapping[str, str] = ACCEPT_NEW) -> httpx.Response:
        """Post any JSON."""
        return self._told(self.client.post(self.path, json=body, headers=accept))

    def send_raw(self, body: bytes, media_type: str) -> httpx.Response:
        """Post bytes of a media type."""
        headers = {**ACCEPT_NEW, "Content-Type": media_type}
        return self._told(self.client.post(self.path, content=body, headers=headers))

    def get(self, query: str) -> httpx.Response:
        """Send a request by GET."""
        return self._told(self.client.get(self.path, params={"query": query}, headers=ACCEPT_NEW))

    def data(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Return the data of a query that must succeed; inconclusive when it does not."""
        body = json_or_none(self.post(query, variables=variables))
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            raise Inconclusive("query-refused", f"{query[:80]} gave no data: {str(body)[:200]}")
        return data

    def schema(self, schema_file: str = "") -> GraphQLSchema:
        """Return the schema, by introspection or from the file that the target names."""
        body = json_or_none(self.post(get_introspection_query(descriptions=True)))
        if isinstance(body, dict) and isinstance(body.get("data"), dict) and body["data"].get("__schema"):
            with suppress(KeyError, TypeError):  # not answered as it was asked
                return build_client_schema(body["data"])
        if schema_file:
            path = Path(schema_file) if Path(schema_file).is_file() else resource(schema_file)
            return build_schema(path.read_text(encoding="utf-8"))
        raise Inconclusive("schema-unknown", "Introspection is off and the target names no schema file.")

    def _told(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code in _SILENT:
            raise Inconclusive("not-let-in", f"{self.path} answered {answer.status_code}.")
        return answer


def open_door(client: httpx.Client, named: str) -> GraphQLDoor:
    """Return the door at the path that is named, or at a usual one that answers a query by GET."""
    if named:
        return GraphQLDoor(client=client, path=named)
    for path in PATHS:
        answer = client.get(path, params={"query": "{__typename}"}, headers=ACCEPT_NEW)
        body = json_or_none(answer)
        if isinstance(body, dict) and ("data" in body or isinstance(body.get("errors"), list)):
            return GraphQLDoor(client=client, path=path)
    raise Inconclusive("no-graphql", "No GraphQL endpoint was found.")


def messages(answer: httpx.Response) -> Sequence[str]:
    """Return the messages of an answer's errors."""
    body = json_or_none(answer)
    errors = body.get("errors") if isinstance(body, dict) else None
    found = errors if isinstance(errors, list) else ()
    return [str(error.get("message", "")) for error in found if isinstance(error, dict)]


def was_executed(answer: httpx.Response) -> bool:
    """Whether an answer holds data that is not null."""
    body = json_or_none(answer)
    return isinstance(body, dict) and isinstance(body.get("data"), dict) and bool(body["data"])


def described(schema: GraphQLSchema) -> Iterator[tuple[str, bool]]:
    """Yield every field and argument that the schema's own types have, and whether it is described."""
    for name, kind in sorted(schema.type_map.items()):
        if name.startswith("__") or name.endswith(("Connection", "Edge")) or name == "PageInfo":
            continue
        for field_name, field in getattr(kind, "fields", {}).items():
            yield f"{name}.{field_name}", bool((field.description or "").strip())
