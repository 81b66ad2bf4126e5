"""What a run is held against: whole runs of the same target and rubric, and floors that are landed."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import UsageProblem
from harness.core.figures import one_decimal
from harness.core.gates import Baseline, Gates, Ratchet
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import maturity_json
from harness.runner.landed import read_baseline, read_ratchet, require_comparable, write_ratchet
from tests.harness.cli.recorded_runs import failure, write_run
from tests.harness.reporting.sample_run import sample_run as build

NEED = "auth.login-throttled"


@pytest.fixture(scope="module")
def scored() -> ScoredRun:
    return build()


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def floors(low: float = 5.0, **fields: Any) -> dict[str, Any]:
    plain = {"schema": "ratchet/1", "target": "reference", "rubric_hash": "x", "floors": {"security": low}}
    return {**plain, **fields}


def test_a_run_folder_and_its_maturity_report_give_the_same_baseline(tmp_path: Path) -> None:
    folder = write_run(
        tmp_path / "run",
        planned=[(NEED, "target"), ("auth.jwt-algorithm-pinned", "NONE")],
        findings=[
            failure(NEED, "target", outcome=Outcome.PASS),
            failure("auth.jwt-algorithm-pinned", "NONE"),
        ],
    )
    from harness.runner.finish import score_folder

    score_folder(folder)

    found = read_baseline(folder)

    assert found.passed == ((NEED, "target"),)
    assert (found.run, found.target) == ("run", "shop")
    assert read_baseline(folder / "maturity.json") == found


def test_a_run_of_this_place_is_named_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_run(
        tmp_path / "reports" / "20260101-000000-shop",
        planned=[(NEED, "target")],
        findings=[failure(NEED, "target", outcome=Outcome.PASS)],
    )

    assert read_baseline(Path("20260101-000000-shop")).passed == ((NEED, "target"),)


@pytest.mark.parametrize("fields", [{"is_partial": True}, {"finished": ""}, {"interrupted": "by the user"}])
def test_a_run_that_is_not_whole_is_no_baseline(tmp_path: Path, fields: dict[str, Any]) -> None:
    folder = write_run(tmp_path / "run", planned=[(NEED, "target")], **fields)

    with pytest.raises(UsageProblem, match="is not a whole run"):
        read_baseline(folder)


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"schema": "verdict/1"}'])
def test_a_file_that_is_no_maturity_report_is_no_baseline(tmp_path: Path, content: str) -> None:
    file = tmp_path / "maturity.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UsageProblem, match="--baseline"):
        read_baseline(file)


def test_a_baseline_with_open_changes_is_refused_and_a_committed_one_is_taken(
    tmp_path: Path, scored: ScoredRun
) -> None:
    file = tmp_path / "maturity.json"
    file.write_bytes(maturity_json.render(scored)["maturity.json"])
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "landed")
    assert read_baseline(file).run == scored.run.id

    record = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**record, "counts": {}}), encoding="utf-8")

    with pytest.raises(UsageProblem, match="not committed"):
        read_baseline(file)


def test_a_baseline_beside_the_repository_s_files_is_taken(tmp_path: Path, scored: ScoredRun) -> None:
    git(tmp_path, "init")
    file = tmp_path / "downloaded.json"
    file.write_bytes(maturity_json.render(scored)["maturity.json"])

    assert read_baseline(file).run == scored.run.id


@pytest.mark.parametrize(
    ("gates", "complaint"),
    [
        (Gates(baseline=Baseline(run="b", target="other", rubric_hash="x", passed=())), "is of target other"),
        (Gates(baseline=Baseline(run="b", target="shop", rubric_hash="y", passed=())), "is of rubric y"),
        (Gates(ratchet=Ratchet(target="other", rubric_hash="x", floors={})), "--ratchet is of target other"),
        (Gates(ratchet=Ratchet(target="shop", rubric_hash="y", floors={})), "--ratchet is of rubric y"),
    ],
)
def test_another_target_or_rubric_cannot_be_held_against_a_run(gates: Gates, complaint: str) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        require_comparable(gates, target="shop", rubric_hash="x", is_partial=False)


def test_a_partial_run_cannot_hold_a_ratchet_but_a_baseline(tmp_path: Path) -> None:
    same = {"target": "shop", "rubric_hash": "x"}
    require_comparable(Gates(baseline=Baseline(run="b", passed=(), **same)), is_partial=True, **same)

    with pytest.raises(UsageProblem, match="a whole run"):
        require_comparable(Gates(ratchet=Ratchet(floors={}, **same)), is_partial=True, **same)


def test_floors_are_the_lower_bounds_rounded_down_and_never_fall(tmp_path: Path, scored: ScoredRun) -> None:
    file = tmp_path / "deep" / "ratchet.json"
    reached = {area.area.value: float(one_decimal(area.low)) for area in scored.maturity.areas}
    landed = Ratchet(target="reference", rubric_hash=scored.run.rubric_hash, floors={"security": 9.9})
    held = replace(scored, run=replace(scored.run, gates=Gates(ratchet=landed)))

    assert write_ratchet(file, held)

    found = read_ratchet(file, may_be_new=False)
    assert found is not None
    assert found.floors == {**reached, "security": 9.9}


@pytest.mark.parametrize("fields", [{"is_partial": True}, {"finished": ""}])
def test_a_run_that_is_not_whole_moves_no_floor(
    tmp_path: Path, scored: ScoredRun, fields: dict[str, Any]
) -> None:
    file = tmp_path / "ratchet.json"

    assert not write_ratchet(file, replace(scored, run=replace(scored.run, **fields)))
    assert not file.exists()


def test_a_ratchet_that_is_not_there_is_refused_unless_it_is_to_be_written(tmp_path: Path) -> None:
    file = tmp_path / "ratchet.json"

    assert read_ratchet(file, may_be_new=True) is None
    with pytest.raises(UsageProblem, match="--ratchet"):
        read_ratchet(file, may_be_new=False)


@pytest.mark.parametrize("fields", [{"schema": "ratchet/9"}, {"floors": {"secrity": 1}}, {"floors": None}])
def test_a_file_that_is_no_ratchet_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    file = tmp_path / "ratchet.json"
    file.write_text(json.dumps(floors(**fields)), encoding="utf-8")

    with pytest.raises(UsageProblem, match="not a ratchet file"):
        read_ratchet(file, may_be_new=False)


def test_floors_lowered_without_a_commit_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "ratchet.json"
    file.write_text(json.dumps(floors(5.0)), encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "landed")
    file.write_text(json.dumps(floors(1.0)), encoding="utf-8")

    with pytest.raises(UsageProblem, match="not committed"):
        read_ratchet(file, may_be_new=False)
