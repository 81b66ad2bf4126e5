"""Finds the components of an OpenAPI document that a schema leads to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any


def components_for(schema: Any, components: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the components that a schema leads to: a compiled schema keeps a copy of all it is given."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [schema]
    while waiting:
        for reference in _references(waiting.pop()):
            kind, _, rest = reference.removeprefix("#/components/").partition("/")
            name = _unescaped(rest.partition("/")[0])
            kept = found.setdefault(kind, {})
            named = components.get(kind)
            if name not in kept and isinstance(named, Mapping) and name in named:
                kept[name] = named[name]
                waiting.append(named[name])
    return found


def _unescaped(name: str) -> str:
    """Read a step of a JSON Pointer that stands in a URI fragment (RFC 6901 6)."""
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), name.encode())
    return raw.decode(errors="replace").replace("~1", "/").replace("~0", "~")


def _references(node: Any) -> Iterator[str]:
    """Yield what a schema refers to among the components."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            yield reference
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _references(value)
