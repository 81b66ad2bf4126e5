"""The scenarios about what people own and may set tell sound allotments from flawed ones."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.outcome import Outcome
from harness.layers.scenarios.context import Credentials
from tests.scenarios.playing import PACK, cells, described, play
from tests.targets.allotments import FLAWS, HABITS, AllotmentsServer
from tests.targets.allotments_document import DOCUMENT

EXPRESSIONS = "security.expressions-not-evaluated"
NESTED = "security.nested-objects-owned"
COOKIES = "security.cookie-writes-own-site"
BREAKS = {
    "evaluates": ("expressions", EXPRESSIONS),
    "computes": ("expressions", EXPRESSIONS),
    "uncapped": ("paging", "api.page-maximum-enforced"),
    "endless": ("paging", "api.page-links-resolve"),
    "plants-listed": ("nested_objects", NESTED),
    "plants-flat": ("nested_objects", NESTED),
    "plants-anywhere": ("nested_objects", NESTED),
    "plants-added": ("nested_objects", NESTED),
    "plants-pulled": ("nested_objects", NESTED),
    "reset-tells": ("recovering", "security.recoveries-not-enumerable"),
    "address-told": ("recovering", "security.registrations-not-enumerable"),
    "role-granted": ("members", "security.own-privileges-kept"),
    "half-changed": ("traces", "http.refused-changes-without-effect"),
    "bounds-unchecked": ("invalid_members", "errors.invalid-input-refused"),
    "cookie-anywhere": ("cookies", COOKIES),
}
FILES = tuple(dict.fromkeys(file for file, _ in BREAKS.values()))
BEARERS = {"Authorization": "Bearer {}"}


def judged(
    folder: Path,
    *flaws: str,
    files: tuple[str, ...] = FILES,
    header: Mapping[str, str] = BEARERS,
    **changes: object,
) -> Mapping[str, Outcome]:
    people = {
        name: Credentials(
            name=name,
            role="gardener",
            username=f"{name}@example.com",
            headers={each: value.format(f"{name}s-token") for each, value in header.items()},
        )
        for name in ("alice", "bob")
    }
    with AllotmentsServer(*flaws) as server:
        context = described(server.url, DOCUMENT, folder, people, **changes)
        found = cells(play(context, folder, *(str(PACK / f"test_{file}.py") for file in files)))
    return {requirement: outcome for (requirement, _), outcome in found.items()}


def test_every_flaw_has_a_requirement() -> None:
    assert set(BREAKS) == set(FLAWS)


def test_sound_allotments_pass_everything(tmp_path: Path) -> None:
    found = judged(tmp_path)

    assert set(found) >= {requirement for _, requirement in BREAKS.values()}
    not_passed = {each for each, outcome in found.items() if outcome is not Outcome.PASS}
    assert not_passed == {COOKIES}  # nobody acts with a cookie alone


def test_sound_allotments_pass_with_cookies(tmp_path: Path) -> None:
    found = judged(tmp_path, files=("cookies",), header={"Cookie": "session={}"})

    assert found == {COOKIES: Outcome.PASS}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_fails_its_requirement_and_no_other(flaw: str, tmp_path: Path) -> None:
    file, requirement = BREAKS[flaw]
    header = {"Cookie": "session={}"} if file == "cookies" else BEARERS
    found = judged(tmp_path, flaw, files=(file,), header=header)

    assert {each for each, outcome in found.items() if outcome is Outcome.FAIL} == {requirement}


@pytest.mark.parametrize("habit", HABITS)
def test_a_search_that_takes_words_loosely_is_no_interpreter(habit: str, tmp_path: Path) -> None:
    assert judged(tmp_path, habit, files=("expressions",)) == {EXPRESSIONS: Outcome.PASS}


def test_without_consent_to_writes_nothing_that_needs_them_is_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, *FLAWS, may_write=False)

    by_reading = {EXPRESSIONS, "api.page-maximum-enforced", "api.page-links-resolve"}
    assert {found[each] for _, each in BREAKS.values() if each not in by_reading} == {Outcome.INCONCLUSIVE}
