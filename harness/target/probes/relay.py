"""Relay: query fields that answer with a connection, by introspection or by the schema file that is named."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from harness.core.plan import Capability, CapabilityState
from harness.core.resources import resource
from harness.target.probes.graphql import PATHS
from harness.target.probes.protocol import Asking, Probe, capability, said

_QUERY = "{__schema{queryType{fields{name type{name ofType{name}}}}}}"


def ask(asking: Asking) -> Capability:
    """Ask for the types of all query fields."""
    named = asking.instance.target.graphql
    for path in (named,) if named else PATHS:
        headers = asking.identity_headers()
        answer = (
            asking.send("relay", "POST", path, json={"query": _QUERY}, headers=headers)
            if named
            else asking.send("relay", "GET", f"{path}?{urlencode({'query': _QUERY})}", headers=headers)
        )
        fields = None if isinstance(answer, str) else _fields(answer)
        if fields is not None:
            return _told(fields, said(answer))
    schema = asking.instance.target.graphql_schema
    if schema:
        return _told(_fields_of_file(schema), f"read from {Path(schema).name}")
    return capability("relay", CapabilityState.ABSENT, "no GraphQL schema could be read")


def _told(fields: tuple[tuple[str, str], ...], how: str) -> Capability:
    found = tuple(name for name, kind in fields if kind.endswith("Connection"))
    if found:
        return capability("relay", CapabilityState.PRESENT, f"{how}: connections", found)
    return capability("relay", CapabilityState.ABSENT, f"{how}: no field answers with a connection")


def _fields(answer: Any) -> tuple[tuple[str, str], ...] | None:
    try:
        fields = answer.json()["data"]["__schema"]["queryType"]["fields"]
    except (ValueError, KeyError, TypeError):
        return None
    return tuple(
        (field["name"], field["type"].get("name") or (field["type"].get("ofType") or {}).get("name") or "")
        for field in fields
    )


def _fields_of_file(named: str) -> tuple[tuple[str, str], ...]:
    from graphql import build_schema, get_named_type  # noqa: PLC0415 - only targets with a schema file pay for it

    path = Path(named) if Path(named).is_file() else resource(named)
    query = build_schema(path.read_text(encoding="utf-8")).query_type
    fields = query.fields if query is not None else {}
    return tuple((name, get_named_type(field.type).name) for name, field in fields.items())


PROBE = Probe(id="relay", ask=ask)
