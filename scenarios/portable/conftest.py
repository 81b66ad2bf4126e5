"""What the portable scenarios share: something known to exist, and how a refusal is told from a miss."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.paths import concrete_path
from harness.layers.scenarios.signals import Inconclusive

Ask = Callable[[str], str]


@pytest.fixture(scope="session")
def document(target: ScenarioContext) -> Mapping[str, Any]:
    """The target's OpenAPI document; empty when it has none."""
    if not target.openapi_file:
        return {}
    loaded: Mapping[str, Any] = json.loads(Path(target.openapi_file).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def path_of(document: Mapping[str, Any]) -> Callable[[Operation], str]:
    """Returns a concrete path for a declared operation."""
    return lambda operation: concrete_path(operation, document)


@pytest.fixture
def known_path(client: httpx.Client, target: ScenarioContext, path_of: Callable[[Operation], str]) -> str:
    """A path that the target does answer: without one nothing can be learnt from what it refuses."""
    declared = [path_of(each) for each in target.operations if each.method == "GET" and "{" not in each.path]
    for path in (*declared[:20], target.openapi, "/"):
        if path and client.get(path).status_code not in {404, 405, 410, 501}:
            return path
    raise Inconclusive("nothing-found", "No path was found that the target answers with anything but 404.")
