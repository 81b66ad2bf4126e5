"""Sign-ins that end, deletions that take effect and refusals that have none, told from those that do not."""

from pathlib import Path

import pytest

from harness.core.outcome import Outcome
from harness.layers.scenarios.context import Credentials
from tests.scenarios.playing import PACK, cells, described, play
from tests.targets.lockers import DOCUMENT, FLAWS, LIVELY, LockersServer

BREAKS = {
    "sign-out-ignored": "security.sign-out-ends-tokens",
    "token-constant": "security.sign-ins-fresh",
    "deletion-ignored": "http.deletions-effective",
    "refused-but-made": "api.refusals-without-effect",
    "role-settable": "security.registrations-unprivileged",
    "opened-by-anybody": "security.objects-owned",
    "half-moved": "http.refused-changes-without-effect",
    "v1-open": "security.old-versions-guarded",
}
_FILES = (
    "test_exposure.py",
    "test_objects.py",
    "test_registering.py",
    "test_signing_out.py",
    "test_traces.py",
)
_PEOPLE = {
    name: Credentials(
        name=name, role="user", username=name, headers={"Authorization": f"Bearer {name}s-token"}
    )
    for name in ("alice", "bob")
}


def judged(folder: Path, *flaws: str, **changes: object) -> dict[str, Outcome]:
    with LockersServer(*flaws) as server:
        context = described(server.url, DOCUMENT, folder, _PEOPLE, **changes)
        files = [str(PACK / name) for name in _FILES]
        found = cells(play(context, folder, *files))
    return {requirement: outcome for (requirement, _), outcome in found.items()}


def test_a_sound_service_passes(tmp_path: Path) -> None:
    found = judged(tmp_path)

    assert set(found) > set(BREAKS.values())
    assert set(found.values()) == {Outcome.PASS}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_fails_its_requirement_and_no_other(flaw: str, tmp_path: Path) -> None:
    found = judged(tmp_path, flaw)

    assert {requirement for requirement, outcome in found.items() if outcome is Outcome.FAIL} == {
        BREAKS[flaw]
    }


@pytest.mark.parametrize(
    ("flaws", "outcome"), [((), Outcome.PASS), (("refused-but-made",), Outcome.FAIL)], ids=["sound", "flawed"]
)
def test_a_list_whose_items_change_by_themselves_is_compared_by_their_number(
    flaws: tuple[str, ...], outcome: Outcome, tmp_path: Path
) -> None:
    assert judged(tmp_path, LIVELY, *flaws)["api.refusals-without-effect"] is outcome


def test_without_consent_to_writes_nothing_is_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, *FLAWS, may_write=False)

    judged_by_reading = BREAKS["v1-open"]
    assert {found[each] for each in set(BREAKS.values()) - {judged_by_reading}} == {Outcome.INCONCLUSIVE}


def test_a_deployment_loses_no_object_whose_destruction_was_not_named(tmp_path: Path) -> None:
    found = judged(tmp_path, "deletion-ignored", is_launched=False)

    assert found["http.deletions-effective"] is Outcome.INCONCLUSIVE
