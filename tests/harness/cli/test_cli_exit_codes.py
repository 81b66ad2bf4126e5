"""Each exit code and each gate through the command line, on run folders that are scored again."""

from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.core.gates import Baseline, Gates, Ratchet
from harness.core.outcome import Outcome
from harness.core.run import LayerRecord
from tests.harness.cli.recorded_runs import LAYERS, failure, write_run

MUST, ADVICE = "auth.login-throttled", "testing.documented-statuses-exercised"
PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
SAME = {"target": "shop", "rubric_hash": "x"}
BEFORE = Baseline(run="before", passed=((ADVICE, "GET /items"),), **SAME)


def scored(
    folder: Path, capsys: pytest.CaptureFixture[str], must: Outcome, advice: Outcome, **fields: Any
) -> tuple[int, str]:
    write_run(
        folder,
        planned=[(MUST, "target"), (ADVICE, "GET /items")],
        findings=[
            failure(MUST, "target", outcome=must, reason="seen"),
            failure(ADVICE, "GET /items", outcome=advice, reason="seen"),
        ],
        **fields,
    )
    code = main(["score", str(folder)])
    return code, capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("must", "advice", "fields", "code", "why"),
    [
        (PASS, PASS, {}, 0, "every measured MUST passed"),
        (PASS, FAIL, {}, 0, "every measured MUST passed"),
        (FAIL, PASS, {}, 1, "1 MUST subject failed"),
        (PASS, PASS, {"gates": Gates(fail_under={"security": 9.9})}, 1, "the gate asks for 9.9"),
        (PASS, PASS, {"gates": Gates(fail_under={"overall": 1})}, 1, "withheld"),
        (PASS, PASS, {"gates": Gates(min_level="mature")}, 1, "the gate asks for mature"),
        (OPEN, PASS, {"gates": Gates(fail_on_inconclusive=True)}, 1, "inconclusive"),
        (PASS, FAIL, {"gates": Gates(fail_on_severity="low")}, 1, "1 advice subject of severity low failed"),
        (PASS, FAIL, {"gates": Gates(fail_on_severity="critical")}, 0, "every measured MUST passed"),
        (PASS, PASS, {"gates": Gates(ratchet=Ratchet(floors={"security": 9.9}, **SAME))}, 1, "9.9 is landed"),
        (PASS, PASS, {"gates": Gates(expected_failures={f"{MUST} target": "a (b)"})}, 1, "but passed"),
        (FAIL, PASS, {"gates": Gates(expected_failures={f"{MUST} target": "a (b)"})}, 0, "passed"),
        (FAIL, PASS, {"gates": Gates(expired={f"{MUST} target": "a (b)"})}, 1, "no longer excused: a (b)"),
        (PASS, PASS, {"layers": {**LAYERS, "fuzz": LayerRecord(completion="crashed")}}, 3, "fuzz crashed"),
        (OPEN, OPEN, {}, 5, "not one subject was judged"),
        (PASS, FAIL, {"gates": Gates(baseline=BEFORE)}, 6, "1 regressed subject passed in run before"),
        (FAIL, FAIL, {"gates": Gates(baseline=BEFORE)}, 1, "1 MUST subject failed"),
        (PASS, FAIL, {"gates": Gates(baseline=BEFORE), "finished": ""}, 6, "regressed"),
        (PASS, PASS, {"finished": ""}, 7, "did not come to its end"),
    ],
)  # fmt: skip
def test_every_ending_has_its_code_and_says_why(  # noqa: PLR0917 - a row of the truth table
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    must: Any,
    advice: Any,
    fields: Any,
    code: int,
    why: str,
) -> None:
    found, last = scored(tmp_path / "run", capsys, must, advice, **fields)

    assert (found, last.split(":")[0]) == (code, f"exit {code}")
    assert why in last


@pytest.mark.parametrize(
    "flags",
    [
        ("--fail-under", "secrity=8"),
        ("--min-level", "great"),
        ("--expected-failures", "nowhere.toml"),
        ("--baseline", "nowhere.json"),
        ("--ratchet", "nowhere.json"),
        ("--update-ratchet",),
    ],
)
def test_a_gate_that_means_nothing_is_two_before_anything_is_sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["run", "http://127.0.0.1:9", *flags]) == 2
    assert not list(tmp_path.iterdir())
    assert flags[0] in capsys.readouterr().err or "nowhere" in flags[-1]


def test_a_baseline_of_another_target_is_two_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "before", planned=[(MUST, "target")])

    assert main(["run", "http://127.0.0.1:9", "--baseline", "before"]) == 2
    assert "--baseline is of target shop, not of 127.0.0.1" in capsys.readouterr().err


def test_a_target_that_is_not_there_is_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["run", "http://127.0.0.1:9", "-q"]) == 4
