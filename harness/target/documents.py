"""Parses a target's document, JSON or YAML, into plain JSON values and within bounds."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

#: YAML is slow to read and its aliases can multiply; documents of 500 operations have about 100,000 nodes.
_LONGEST_YAML = 6 * 1024 * 1024
_MOST_NODES = 2_000_000
_DEEPEST = 200

#: What a crawl of ours writes into its documents.
CRAWL_MARK = "x-harness-crawled"

#: Members that name an address which a tool reads, or that make local references those of another address.
_LEADING = frozenset({"externalValue", "$id", "$schema", "jsonSchemaDialect"})


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # one of two classes, by build
    """Leaves dates as texts, as JSON has them."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for letter, known in _Loader.yaml_implicit_resolvers.items()
}


def parse(content: bytes) -> object:
    """Return the plain values of a document; raises ValueError saying why there are none."""
    start = content.lstrip()[:200]
    if start.startswith(b"<"):
        raise ValueError("it is a page (HTML or XML)")
    try:
        return _plain(json.loads(content), [_MOST_NODES], 0)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is in no encoding of Unicode: {problem.reason}") from problem
    except json.JSONDecodeError:
        return _of_yaml(content)


def _of_yaml(content: bytes) -> object:
    if len(content) > _LONGEST_YAML:
        raise ValueError(f"it is no JSON, and YAML of {len(content) >> 20} MiB is not read")
    try:
        return _plain(yaml.load(content, Loader=_Loader), [_MOST_NODES], 0)  # noqa: S506 - a safe loader
    except yaml.YAMLError as problem:
        raise ValueError(str(problem).splitlines()[0]) from problem
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem


def _plain(node: Any, left: list[int], depth: int) -> Any:
    """Copy what JSON can hold, with names as texts; a bomb of aliases is noticed before it is unfolded."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"it has more than {_MOST_NODES} values")
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(node, dict):
        return {_name(name): _plain(value, left, depth + 1) for name, value in node.items()}
    if isinstance(node, list | tuple | set):
        return [_plain(item, left, depth + 1) for item in node]
    return node if node is None or isinstance(node, str | int | float | bool) else str(node)


def _name(name: object) -> str:
    """YAML makes a number of 200 and a truth value of `yes`."""
    return str(name).lower() if isinstance(name, bool) else str(name)


def self_contained(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy that leads nowhere else: tools would fetch what it refers to, from whatever origin."""
    copied = _without_remote(document)
    assert isinstance(copied, dict)
    return copied


def _is_remote(reference: object) -> bool:
    return isinstance(reference, str) and not reference.startswith("#")


def _is_remote_link(node: object) -> bool:
    return isinstance(node, dict) and _is_remote(node.get("operationRef"))


def is_crawled(document: Mapping[str, Any]) -> bool:
    """Whether a document was written by a crawl, and is therefore none of the target's own words."""
    return CRAWL_MARK in document


def _without_remote(node: Any) -> Any:
    if isinstance(node, dict):
        if any(_is_remote(node.get(name)) for name in ("$ref", "$dynamicRef")):
            return {}
        return {
            name: _without_remote(value)
            for name, value in node.items()
            if not (name in _LEADING and isinstance(value, str)) and not _is_remote_link(value)
        }
    if isinstance(node, list):
        return [_without_remote(item) for item in node]
    return node
