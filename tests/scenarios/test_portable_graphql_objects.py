"""What is one person's is found to be given away by GraphQL, by REST, or by neither."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.outcome import Outcome
from harness.layers.scenarios.context import Credentials
from tests.scenarios.playing import PACK, cells, described, play
from tests.targets.shelves_graphql import DOCUMENT, FLAWS, ShelvesServer

OWNED = "graphql.objects-owned"
#: What is seen by reading alone.
BY_READING = ("field-open", "node-open")


def judged(
    folder: Path, *flaws: str, names: tuple[str, ...] = ("alice", "bob"), **changes: object
) -> Outcome:
    people: Mapping[str, Credentials] = {
        name: Credentials(
            name=name, role="reader", username=name, headers={"Authorization": f"Bearer {name}s-token"}
        )
        for name in names
    }
    with ShelvesServer(*flaws) as server:
        context = described(server.url, DOCUMENT, folder, people, **{"graphql": "/graphql", **changes})
        found = cells(play(context, folder, str(PACK / "test_graphql_objects.py")))
    return found[OWNED, "target"]


def test_where_both_doors_keep_to_the_owner_it_passes(tmp_path: Path) -> None:
    assert judged(tmp_path) is Outcome.PASS


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_way_to_give_away_what_is_somebody_elses_fails(flaw: str, tmp_path: Path) -> None:
    assert judged(tmp_path, flaw) is Outcome.FAIL


@pytest.mark.parametrize("flaw", FLAWS)
def test_without_consent_what_reading_shows_is_judged_and_nothing_changed(flaw: str, tmp_path: Path) -> None:
    expected = Outcome.FAIL if flaw in BY_READING else Outcome.PASS

    assert judged(tmp_path, flaw, may_write=False) is expected


def test_of_one_person_alone_nothing_is_said(tmp_path: Path) -> None:
    assert judged(tmp_path, *FLAWS, names=("alice",)) is Outcome.INCONCLUSIVE
