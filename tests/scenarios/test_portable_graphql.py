"""The GraphQL scenarios pass a sound library, fail each flaw of a sloppy one, and keep still without one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.core.outcome import Outcome
from harness.layers.scenarios.context import Credentials
from tests.scenarios.playing import play_files
from tests.targets.library_graphql import FLAWS, Library, sdl

FILES = ("graphql_http", "graphql_connections", "compatibility")
ALICE = {"alice": Credentials(name="alice", headers={"Authorization": "Bearer library-token"})}

BREAKS = {
    "request-errors-200": "graphql.statuses-as-negotiated",
    "bad-requests-taken": "graphql.bad-requests-refused",
    "mutation-by-get": "graphql.mutations-refused-over-get",
    "no-limits": "graphql.cost-limited",
    "introspection-open": "graphql.introspection-closed",
    "suggests": "graphql.suggestions-off",
    "next-page-untrue": "graphql.connections-page-truly",
    "undescribed": "docs.graphql-fields-described",
    "field-gone": "graphql.backward-compatible",
}


def play_on(library: Library, folder: Path, **changes: Any) -> Mapping[str, Outcome]:
    """Play the GraphQL scenarios with the sound schema as the baseline."""
    baseline = folder / "baseline.graphql"
    baseline.write_text(sdl())
    outcomes = play_files(
        library.url,
        folder,
        FILES,
        **{"graphql": "/graphql", "graphql_baseline": str(baseline), "sessions": ALICE, **changes},
    )
    return {name: outcome for name, outcome in outcomes.items() if name != "api.backward-compatible"}


def test_every_flaw_of_the_library_breaks_a_requirement() -> None:
    assert sorted(BREAKS) == sorted(FLAWS)


def test_a_sound_library_passes_everything(tmp_path: Path) -> None:
    with Library() as library:
        outcomes = play_on(library, tmp_path)

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.PASS)


def test_a_sloppy_library_fails_everything(tmp_path: Path) -> None:
    with Library(flaws=frozenset(FLAWS)) as library:
        outcomes = play_on(library, tmp_path)

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.FAIL)


@pytest.mark.parametrize("flaw", ["request-errors-200", "next-page-untrue"])
def test_a_flaw_fails_its_own_requirement_and_no_other(flaw: str, tmp_path: Path) -> None:
    with Library(flaws=frozenset({flaw})) as library:
        outcomes = play_on(library, tmp_path)

    assert {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL} == {BREAKS[flaw]}


def test_where_graphql_is_not_nothing_is_said_of_it(tmp_path: Path) -> None:
    with Library() as library:
        outcomes = play_on(library, tmp_path, graphql="/elsewhere")

    assert outcomes == dict.fromkeys(BREAKS.values(), Outcome.INCONCLUSIVE)
