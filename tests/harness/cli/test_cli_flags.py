"""Flags become choices and gates; what means nothing is refused with what would."""

from datetime import date
from pathlib import Path

import pytest

from harness.cli import exit_code_of, main, parser
from harness.cli.choice import choice_of
from harness.cli.gates import gates_of
from harness.core.errors import (
    HarnessFault,
    HarnessProblem,
    TargetFileProblem,
    TargetUnreachable,
    UsageProblem,
)
from harness.core.gates import Gates
from harness.core.layer import Depth, Layer

TODAY = date(2026, 2, 4)
ENTRY = {
    "requirement": "api.x",
    "subject": "GET /a",
    "owner": "team",
    "reason": "old",
    "expires": "2026-12-31",
}


def known_failures(file: Path, *tables: dict[str, str]) -> str:
    lines = [
        "[[expected]]\n" + "".join(f'{key} = "{value}"\n' for key, value in item.items()) for item in tables
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


def gates(*flags: str) -> Gates:
    return gates_of(parser().parse_args(["run", "t.toml", *flags]), today=TODAY)


def test_what_is_chosen_makes_a_run_partial() -> None:
    options = parser().parse_args(["run", "t", "--layer", "fuzz", "--depth", "quick", "--seed", "7"])

    choice = choice_of(options)

    assert (choice.layers, choice.depth, choice.seed) == ((Layer.FUZZ,), Depth.QUICK, 7)
    assert choice.is_partial
    assert not choice_of(parser().parse_args(["run", "t"])).is_partial


def test_gates_name_an_area_or_the_whole() -> None:
    found = gates("--fail-under", "security=8.5", "--fail-under", "7", "--min-level", "mature")

    assert found.fail_under == {"security": 8.5, "overall": 7.0}
    assert found.min_level == "mature"
    assert not found.fail_on_inconclusive
    assert gates("--fail-on", "inconclusive").fail_on_inconclusive
    assert gates("--fail-on", "high", "--fail-on", "inconclusive", "--fail-on", "medium") == Gates(
        fail_on_inconclusive=True, fail_on_severity="medium"
    )


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (("--fail-under", "secrity=8"), "no such area"),
        (("--fail-under", "security=much"), "not a number"),
        (("--min-level", "great"), "no such level"),
        (("--expected-failures", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_a_gate_that_means_nothing_is_refused(flags: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        gates(*flags)


def test_expected_failures_carry_their_reason_and_owner(tmp_path: Path) -> None:
    file = known_failures(tmp_path / "known.toml", ENTRY)

    assert gates("--expected-failures", file).expected_failures == {"api.x GET /a": "old (team)"}


@pytest.mark.parametrize(
    ("expires", "excuses"), [("2026-02-03", False), ("2026-02-04", True), ("2026-02-05", True)]
)
def test_an_expected_failure_excuses_up_to_its_last_day(tmp_path: Path, expires: str, excuses: bool) -> None:
    file = known_failures(tmp_path / "known.toml", {**ENTRY, "expires": expires})

    found = gates("--expected-failures", file)

    assert bool(found.expected_failures) is excuses
    assert found.expired == ({} if excuses else {"api.x GET /a": f"old (team), until {expires}"})


def test_a_date_may_be_written_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    known_failures(file, ENTRY)
    file.write_text(file.read_text(encoding="utf-8").replace('"2026-12-31"', "2026-12-31"), encoding="utf-8")

    assert gates("--expected-failures", str(file)).expected_failures


@pytest.mark.parametrize("key", list(ENTRY))
def test_an_expected_failure_must_be_whole(tmp_path: Path, key: str) -> None:
    file = known_failures(tmp_path / "k.toml", {name: ENTRY[name] for name in ENTRY if name != key})

    with pytest.raises(UsageProblem, match=f"table 1 has no {key}"):
        gates("--expected-failures", file)


@pytest.mark.parametrize(
    ("change", "complaint"), [({"expires": "soon"}, "a date, e.g."), ({"until": "x"}, "table 1 has until")]
)
def test_an_expected_failure_that_means_nothing_is_refused(
    tmp_path: Path, change: dict[str, str], complaint: str
) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        gates("--expected-failures", known_failures(tmp_path / "k.toml", {**ENTRY, **change}))


def test_updating_a_ratchet_needs_its_file() -> None:
    with pytest.raises(UsageProblem, match="--ratchet FILE"):
        gates("--update-ratchet")


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (UsageProblem("x"), 2),
        (TargetFileProblem(None, "x"), 2),
        (HarnessFault("x"), 3),
        (TargetUnreachable("http://x", "y"), 4),
    ],
)
def test_each_kind_of_problem_has_its_exit_code(problem: HarnessProblem, code: int) -> None:
    assert exit_code_of(problem) == code


def test_a_problem_ends_in_one_message_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["score", "/nowhere-at-all"])

    said = capsys.readouterr().err
    assert code == 2
    assert said.count("\n") == 2
    assert "run.json" in said
