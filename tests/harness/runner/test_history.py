"""What runs leave for later runs: whole lines or none, and a copy that makes scoring independent of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.errors import HarnessFault
from harness.core.maturity import ScoredRun
from harness.core.run import run_to_json
from harness.evidence.store import RunFolder
from harness.runner.history import earlier_runs, keep_copy, may_be_remembered, read_copy, remember
from tests.harness.reporting.sample_run import earlier_runs as sample_earlier
from tests.harness.reporting.sample_run import sample_run as build


@pytest.fixture(scope="module")
def scored() -> ScoredRun:
    return build()


@pytest.fixture
def folder(tmp_path: Path, scored: ScoredRun) -> RunFolder:
    made = RunFolder.create(tmp_path / "run")
    made.write_run(run_to_json(scored.run))
    return made


def as_run(scored: ScoredRun, name: str, started: str, **fields: str) -> ScoredRun:
    return replace(scored, run=replace(scored.run, id=name, started=started, **fields))


def test_a_complete_run_is_a_line_and_comes_back(tmp_path: Path, scored: ScoredRun) -> None:
    file = tmp_path / "new" / "history.ndjson"

    remember(scored, file)

    assert file.read_bytes().count(b"\n") == 1
    (entry,) = earlier_runs(file, "reference")
    assert entry.run == scored.run.id
    assert entry.low == scored.maturity.low
    assert len(entry.cells) == sum(
        len(item.subjects) for area in scored.maturity.areas for item in area.requirements
    )


@pytest.mark.parametrize("fields", [{"is_partial": True}, {"finished": ""}, {"interrupted": "by the user"}])
def test_a_partial_or_torn_run_leaves_nothing(
    tmp_path: Path, scored: ScoredRun, folder: RunFolder, fields: dict
) -> None:
    file = tmp_path / "history.ndjson"
    remember(scored, file)
    run = replace(scored.run, id="half", **fields)

    keep_copy(folder, run, file)
    remember(replace(scored, run=run), file)

    assert not may_be_remembered(run)
    assert len(earlier_runs(file, "reference")) == 1
    assert not folder.history_json.exists()


def test_a_line_torn_by_a_kill_is_left_out_and_later_lines_are_whole(
    tmp_path: Path, scored: ScoredRun
) -> None:
    file = tmp_path / "history.ndjson"
    remember(scored, file)
    line = file.read_bytes()
    file.write_bytes(line + line[: len(line) // 2])

    remember(as_run(scored, "later", "2026-03-01T00:00:00+00:00"), file)

    assert [entry.run for entry in earlier_runs(file, "reference")] == [scored.run.id, "later"]


def test_runs_of_other_targets_and_of_another_shape_are_left_aside(tmp_path: Path, scored: ScoredRun) -> None:
    file = tmp_path / "history.ndjson"
    remember(as_run(scored, "a", "2026-03-01T00:00:00+00:00", target="another"), file)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"target": "reference", "schema": "history/9"}\n{"target": "reference"}\n')
    remember(scored, file)

    assert [entry.run for entry in earlier_runs(file, "reference")] == [scored.run.id]


def test_the_copy_keeps_all_subjects_of_the_last_run_only(
    tmp_path: Path, scored: ScoredRun, folder: RunFolder
) -> None:
    file = tmp_path / "history.ndjson"
    for at in range(3):
        remember(as_run(scored, f"run-{at}", f"2026-03-0{at + 1}T00:00:00+00:00"), file)

    keep_copy(folder, replace(scored.run, id="now"), file)

    kept = read_copy(folder)
    assert [entry.run for entry in kept] == ["run-0", "run-1", "run-2"]
    assert [bool(entry.cells) for entry in kept] == [False, False, True]


def test_a_damaged_copy_is_a_fault_of_ours_with_a_way_out(folder: RunFolder) -> None:
    folder.history_json.write_text(json.dumps({"entries": [{"schema": "history/1"}]}), encoding="utf-8")

    with pytest.raises(HarnessFault, match="scored without earlier ones"):
        read_copy(folder)


def test_the_first_run_has_no_copy(folder: RunFolder) -> None:
    assert read_copy(folder) == ()


def test_what_is_shown_of_earlier_runs_does_not_change_score_or_verdict(
    scored: ScoredRun,
) -> None:
    again = build(earlier=sample_earlier())

    assert again.past is not None
    assert (again.maturity, again.verdict) == (scored.maturity, scored.verdict)


def test_a_history_that_cannot_be_written_says_that_the_run_is_whole(
    tmp_path: Path, scored: ScoredRun
) -> None:
    with pytest.raises(HarnessFault, match="the run is whole"):
        remember(scored, tmp_path)
