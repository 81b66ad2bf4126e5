"""The field trial's drawing, catalogues and table say what they claim to."""

import re
import tarfile
from pathlib import Path

import pytest
import yaml

from harness.runner.finish import load_scored
from tests.field import strangers
from tests.field.catalogue import HOME, SERVICES, Possible, load_kinds, load_possible
from tests.field.draw import DOZEN, DRAWS, FIRST, SECOND, Draw, draw, pool
from tests.field.judged import (
    Bench,
    Judged,
    Judgement,
    Verdict,
    Word,
    load_breaks,
    load_judgements,
    load_verdicts,
    word_on,
)
from tests.field.table import Detection, Row, fails_of
from tests.field.writing import markdown

KEPT = HOME.parents[1] / "reports" / "published" / "field"


@pytest.mark.parametrize("which", DRAWS, ids=[each.run for each in DRAWS])
@pytest.mark.parametrize("service", SERVICES)
def test_the_recorded_dozen_is_what_the_recorded_seed_draws(service: str, which: Draw) -> None:
    assert tuple(which.drawn()[service]) == draw(service, pool(service, which), seed=which.seed)
    assert len(which.drawn()[service]) == DOZEN


def test_nothing_is_drawn_twice_and_nothing_that_no_client_can_see_after_the_first_drawing() -> None:
    for service in SERVICES:
        unseen = {item.id for item in load_possible(service) if item.unseen}

        assert not set(SECOND.drawn()[service]) & {*FIRST.drawn()[service], *unseen}
    assert "role-change-too-late" in FIRST.drawn()["shop"], "what was drawn once stays counted"


def test_two_defects_of_one_slot_are_never_drawn_together() -> None:
    possible = [
        Possible(id=f"{slot}-{number}", where="*", slot=slot) for slot in "abcd" for number in range(9)
    ]

    for seed in range(50):
        names = draw("any", possible, seed=seed, count=4)
        assert sorted(name[0] for name in names) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_possible_defect_is_described_and_written(service: str) -> None:
    source = "".join(path.read_text() for path in (HOME / service).glob("defects.*"))
    written = set(re.findall(r'^    id = "([\w-]+)"|^  "([\w-]+)":', source, re.MULTILINE))

    possible = [item.id for item in load_possible(service)]

    assert sorted(possible) == sorted(one or two for one, two in written)
    assert set(possible) <= set(load_kinds())
    assert len(possible) >= 25


def test_every_kind_of_defect_is_held_against_requirements_that_exist() -> None:
    rows = [yaml.safe_load(path.read_text()) for path in Path("contracts/requirements").glob("*.yaml")]
    known = {row["id"] for area in rows for row in area}

    assert set(load_breaks()) == set(load_kinds())
    assert {item for broken in load_breaks().values() for item in broken} <= known


def test_the_first_row_that_covers_a_fail_says_what_it_is() -> None:
    rows = [
        Judgement(service="a", requirement="x.*", subject="GET /[id]", word=Word.FALSE, why="."),
        Judgement(service="*", requirement="x.*", subject="*", word=Word.TRUE, why="."),
    ]

    assert word_on(rows, "a", "x.y", "GET /[id]") is Word.FALSE
    assert word_on(rows, "a", "x.y", "GET /i") is Word.TRUE
    assert word_on(rows, "a", "z.y", "GET /i") is Word.OPEN


def test_every_judgement_says_why() -> None:
    assert all(item.why.strip() for item in load_judgements())
    assert not [item.key for item in load_verdicts() if not item.why.strip()]


def test_no_finding_was_judged_twice() -> None:
    verdicts = load_verdicts()

    assert len({item.key for item in verdicts}) == len(verdicts) > 1000


def test_what_was_judged_one_by_one_has_a_word_and_a_way_and_is_of_the_trial() -> None:
    rows = [yaml.safe_load(path.read_text()) for path in Path("contracts/requirements").glob("*.yaml")]
    known = {row["id"] for area in rows for row in area}
    runs = {**dict.fromkeys(SERVICES, "sound"), **dict.fromkeys(strangers.names(), "as released")}
    ways = re.compile(r"document|asked again|exchange (probe|fuzz|scenarios)-[1-9]\d*")

    for verdict in load_verdicts():
        service, run, requirement, subject = verdict.key
        assert (runs[service], requirement in known, bool(subject)) == (run, True, True), verdict
        assert verdict.word is not Word.OPEN, verdict
        assert ways.fullmatch(verdict.how), verdict


def test_an_unknown_word_is_no_judgement(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "run,requirement,subject,word,how,why\nsound,x.y,target,maybe,document,.\n"
    )

    with pytest.raises(ValueError, match="maybe"):
        load_verdicts(tmp_path)


def test_what_was_said_of_a_finding_itself_goes_before_what_a_row_says() -> None:
    key = ("a", "sound", "x.y", "target")
    alone = Verdict(key=key, word=Word.FALSE, how="document", why=".")
    row = Judgement(service="*", requirement="x.*", subject="*", word=Word.TRUE, why=".")
    bench = Bench(verdicts={key: alone}, rows=[row])

    assert bench.on(*key) == Judged(word=Word.FALSE, is_alone=True)
    assert bench.on("a", "all", "x.y", "target") == Judged(word=Word.TRUE, is_alone=False)
    assert bench.on("a", "all", "z.y", "target") == Judged(word=Word.OPEN, is_alone=False)


def test_the_table_names_what_was_missed_and_counts_false_alarms_on_sound_twins_only() -> None:
    words = {Word.TRUE: 1, Word.FALSE: 1, Word.DUPLICATE: 0, Word.OPEN: 0}
    rows = [
        Row(
            service="a",
            run=run,
            requirements=9,
            subjects=9,
            inconclusive=0,
            fails=2,
            words=words,
            one_by_one=1,
            seconds=1.0,
            exit_code=1,
        )
        for run in ("sound", "all", "again")
    ]
    found = [
        Detection(
            draw=run, service="a", defect=defect, alone=(), together=by, was_run_alone=True, also=("z",)
        )
        for run, defect, by in (("all", "one", ("x.y",)), ("all", "two", ()), ("again", "three", ("x.z",)))
    ]

    text = markdown(rows, found)

    assert "1 of 2 reported fails, 50.0 %" in text
    assert "Judged one by one: 1 of 2; by a row: 1; not judged: 0." in text
    assert "Known defects found: 1 of 2, 50.0 %." in text
    assert "Known defects found: 1 of 1, 100.0 %." in text
    assert "Missed: a: two." in text
    assert "Over all drawings: 2 of 3, 66.7 %." in text


def test_no_list_of_packages_holds_an_address() -> None:
    lists = [*HOME.rglob("requirements.txt"), *HOME.rglob("package.json")]

    assert len(lists) >= 13
    assert not [path for path in lists if "://" in path.read_text()]
    assert not list(HOME.rglob("package-lock.json"))


@pytest.mark.parametrize("service", ["datasette", "jsongraphql", "timeserver"])
def test_of_a_kept_run_scored_again_every_fail_was_judged_by_itself(service: str, tmp_path: Path) -> None:
    with tarfile.open(KEPT / f"{service}.tar.xz") as kept:
        kept.extractall(tmp_path, filter="data")

    failed = fails_of(load_scored(tmp_path / service))

    assert failed
    assert failed <= {each.key[2:] for each in load_verdicts() if each.key[0] == service}


def test_the_runs_of_all_services_are_kept() -> None:
    assert {path.name.partition(".")[0] for path in KEPT.glob("*.tar.xz")} == {
        *SERVICES, *strangers.names()
    }  # fmt: skip
