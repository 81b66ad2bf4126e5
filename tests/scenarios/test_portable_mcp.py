"""The MCP scenarios pass a sound server, fail each flaw of a sloppy one, and keep still without one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.core.outcome import Outcome
from tests.scenarios.playing import play_files
from tests.targets.tools_mcp import FLAWS, Tools

FILES = ("mcp_protocol", "mcp_tools")

BREAKS = {
    "agrees-to-anything": "mcp.version-negotiated",
    "declares-too-much": "mcp.capabilities-honest",
    "errors-uncoded": "mcp.protocol-errors-coded",
    "transport-lax": "mcp.transport-rules-kept",
    "origin-ignored": "mcp.foreign-origin-refused",
    "schema-no-object": "mcp.tool-schemas-valid",
    "arguments-unchecked": "mcp.invalid-arguments-refused",
    "any-tool-called": "mcp.unknown-tools-refused",
    "content-untrue": "mcp.structured-content-true",
    "description-commands": "mcp.descriptions-innocent",
}


def play_on(tools: Tools, folder: Path, **changes: Any) -> Mapping[str, Outcome]:
    """Play the MCP scenarios on a server."""
    return play_files(tools.url, folder, FILES, **{"mcp": ("/mcp",), **changes})


def test_every_flaw_of_the_server_breaks_a_requirement() -> None:
    assert sorted(BREAKS) == sorted(FLAWS)


def test_a_sound_server_passes_everything(tmp_path: Path) -> None:
    with Tools() as tools:
        outcomes = play_on(tools, tmp_path)

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.PASS)


def test_a_sloppy_server_fails_everything(tmp_path: Path) -> None:
    with Tools(flaws=frozenset(FLAWS)) as tools:
        outcomes = play_on(tools, tmp_path)

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.FAIL)


@pytest.mark.parametrize("flaw", ["transport-lax", "arguments-unchecked"])
def test_a_flaw_fails_its_own_requirement_and_no_other(flaw: str, tmp_path: Path) -> None:
    with Tools(flaws=frozenset({flaw})) as tools:
        outcomes = play_on(tools, tmp_path)

    assert {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL} == {BREAKS[flaw]}


def test_where_no_server_is_nothing_is_said_of_it(tmp_path: Path) -> None:
    with Tools() as tools:
        outcomes = play_on(tools, tmp_path, mcp=("/elsewhere",))

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.INCONCLUSIVE)


def test_without_consent_only_tools_that_read_are_called(tmp_path: Path) -> None:
    with Tools() as tools:
        outcomes = play_on(tools, tmp_path, may_write=False)

    assert outcomes["mcp.unknown-tools-refused"] is Outcome.INCONCLUSIVE
    assert outcomes["mcp.invalid-arguments-refused"] is Outcome.PASS
