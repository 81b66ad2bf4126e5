"""`harness diff` and `harness explain`: two runs side by side; one finding and all that belongs to it."""

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.core.finding import fingerprint
from harness.core.outcome import Outcome
from tests.harness.cli.recorded_runs import exchange, failure, write_run

THROTTLED = "auth.login-throttled"
ALGORITHM = "auth.jwt-algorithm-pinned"
PLANNED = [(THROTTLED, "target"), (ALGORITHM, "NONE"), (ALGORITHM, "HS256")]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write_run(
        tmp_path / "20260101-000000-shop",
        planned=PLANNED,
        exchanges=[exchange(answer='{"detail": "boom at line 7"}')],
        findings=[
            failure(THROTTLED, "target", "scenarios-1", seen="answered 500 with 'boom at line 7'"),
            failure(ALGORITHM, "NONE", outcome=Outcome.PASS, reason="as-expected"),
            failure(ALGORITHM, "HS256", outcome=Outcome.PASS, reason="as-expected"),
        ],
    )


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return write_run(
        tmp_path / "20260102-000000-shop",
        planned=PLANNED,
        depth="standard",
        findings=[
            failure(THROTTLED, "target", outcome=Outcome.PASS, reason="as-expected"),
            failure(ALGORITHM, "NONE"),
        ],
    )


def test_diff_names_each_change_and_why_scores_moved(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(before), str(after)]) == 0

    said = capsys.readouterr()
    assert f"FIXED        {THROTTLED}  target  (fail -> pass)" in said.out
    assert f"NEW-FAILURE  {ALGORITHM}  NONE  (pass -> fail)" in said.out
    assert f"UNMEASURED   {ALGORITHM}  HS256  (pass -> inconclusive)" in said.out
    assert said.out.splitlines()[-1] == "1 new failures, 1 fixed, 1 no longer measured"
    security = next(line for line in said.out.splitlines() if line.startswith("Security"))
    assert "->" in security
    assert "note: the depths differ: quick and standard" in said.err


def test_diff_as_json_is_nothing_but_data(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(before), str(after), "--format", "json"]) == 0

    record = json.loads(capsys.readouterr().out)
    assert {item["kind"] for item in record["changes"]} == {"fixed", "new-failure", "unmeasured"}
    assert len(record["areas"]) == 8
    for area in record["areas"]:
        whole = area["after"] - area["before"]
        assert abs(whole - area["code"] - area["measured"] - area["scope"]) < 1e-4
    security = next(area for area in record["areas"] if area["area"] == "security")
    assert security["code"] != 0
    assert record["after"]["run"] == after.name


def test_diff_leaves_both_folders_as_they_are(before: Path, after: Path) -> None:
    files = {path: path.stat().st_mtime_ns for folder in (before, after) for path in folder.rglob("*")}

    main(["diff", str(before), str(after)])

    assert files == {
        path: path.stat().st_mtime_ns for folder in (before, after) for path in folder.rglob("*")
    }


def test_explain_shows_all_that_belongs_to_a_finding(
    before: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    name = fingerprint(THROTTLED, "target", "shop")

    assert main(["explain", name[:8], "--run", str(before)]) == 0

    said = capsys.readouterr().out
    for part in ("MUST, high", "source ", "remedy ", "proven ", "expected ", "seen ", "harness replay "):
        assert part in said
    line = next(line for line in said.splitlines() if "GET /items" in line)
    assert line.index("GET /items") < line.index("| > HTTP 500")
    assert any("boom at line 7" in line and "| >" in line for line in said.splitlines())


def test_explain_puts_the_answer_below_the_request_where_the_terminal_is_narrow(
    before: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    main(["explain", THROTTLED, "--run", str(before)])

    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if " | " in line]
    asked = next(at for at, line in enumerate(lines) if "GET /items" in line)
    assert any("HTTP 500" in line for line in lines[asked + 1 :])


def test_explain_of_a_requirement_begins_with_its_worst_subject(
    after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", ALGORITHM, "--run", str(after)])

    subjects = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("FAIL", "INCONC"))]
    assert [line.split()[1] for line in subjects] == ["NONE", "HS256"]


def test_explain_needs_no_run_for_a_requirement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["explain", ALGORITHM]) == 0
    assert "seeded defects try it: jwt-alg-none" in capsys.readouterr().out


def test_the_newest_run_is_meant_when_none_is_named_and_an_id_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for day, outcome in (("20260101", Outcome.FAIL), ("20260102", Outcome.PASS)):
        write_run(
            tmp_path / "reports" / f"{day}-000000-shop",
            planned=[(THROTTLED, "target")],
            findings=[failure(THROTTLED, "target", outcome=outcome)],
        )

    main(["explain", THROTTLED])
    newest = capsys.readouterr().out
    main(["explain", THROTTLED, "--run", "20260101-000000-shop"])
    named = capsys.readouterr().out

    assert "\nPASS  target" in newest
    assert "\nFAIL  target" in named


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ((THROTTLED.replace("throttled", "throtled"),), f"did you mean {THROTTLED}?"),
        ((ALGORITHM, "RS256"), "one of HS256; NONE"),
        (("0123abcd",), "name requirement and subject"),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_what_would(
    after: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], hint: str
) -> None:
    assert main(["explain", *words, "--run", str(after)]) == 2
    assert hint in capsys.readouterr().err


def test_no_run_at_all_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["replay", THROTTLED]) == 2
    assert "harness run TARGET" in capsys.readouterr().err
