"""What the portable scenarios share: something known to exist, and how a refusal is told from a miss."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.paths import concrete_path
from harness.layers.scenarios.reads import Finder, Read, ask
from harness.layers.scenarios.signals import Inconclusive

Ask = Callable[[str], str]
_MOST_READS = 12


@pytest.fixture(scope="session")
def document(target: ScenarioContext) -> Mapping[str, Any]:
    """The target's OpenAPI document; empty when it has none."""
    if not target.openapi_file:
        return {}
    loaded: Mapping[str, Any] = json.loads(Path(target.openapi_file).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def path_of(document: Mapping[str, Any], target: ScenarioContext) -> Callable[[Operation], str]:
    """Returns a concrete path for a declared operation."""
    return lambda operation: concrete_path(operation, document, prefix=target.path_prefix)


@pytest.fixture
def identified(target: ScenarioContext, clients: Clients) -> httpx.Client:
    """A client that acts as the first identity of the target file, or as nobody when there is none."""
    for name, session in target.sessions.items():
        return clients(session.headers, identity=name)
    return clients()


@pytest.fixture(scope="session")
def _found() -> dict[str, tuple[Read, ...]]:
    return {}


@pytest.fixture
def readable(
    target: ScenarioContext,
    identified: httpx.Client,
    document: Mapping[str, Any],
    _found: dict[str, tuple[Read, ...]],
) -> tuple[Read, ...]:
    """Reads that the target answers with 200: declared ones, or its document and its root."""
    if "all" not in _found:
        finder = Finder(
            client=identified,
            operations=target.operations,
            document=document,
            prefix=target.path_prefix,
            never=target.never,
        )
        _found["all"] = finder.find(_MOST_READS) or tuple(
            Read(subject=f"GET {path}", path=path)
            for path in (target.openapi, "/")
            if path and (answer := ask(identified, "GET", path)) is not None and answer.status_code == 200
        )
    if not _found["all"]:
        raise Inconclusive("nothing-readable", "No read was found that the target answers with 200.")
    return _found["all"]


@pytest.fixture
def known_path(client: httpx.Client, target: ScenarioContext, path_of: Callable[[Operation], str]) -> str:
    """A path that the target does answer: without one nothing can be learnt from what it refuses."""
    declared = [path_of(each) for each in target.operations if each.method == "GET" and "{" not in each.path]
    for path in (*declared[:20], target.openapi, "/"):
        if path and client.get(path).status_code not in {404, 405, 410, 501}:
            return path
    raise Inconclusive("nothing-found", "No path was found that the target answers with anything but 404.")
