"""Flags become choices and gates; what means nothing is refused with what would."""

from pathlib import Path

import pytest

from harness.cli import exit_code_of, main, parser
from harness.cli.choice import choice_of, gates_of
from harness.core.errors import (
    HarnessFault,
    HarnessProblem,
    TargetFileProblem,
    TargetUnreachable,
    UsageProblem,
)
from harness.core.layer import Depth, Layer
from harness.core.run import Gates


def gates(*flags: str) -> Gates:
    return gates_of(parser().parse_args(["run", "t.toml", *flags]))


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
    file = tmp_path / "known.toml"
    file.write_text(
        '[[expected]]\nrequirement = "api.x"\nsubject = "GET /a"\nowner = "team"\nreason = "old"\n',
        encoding="utf-8",
    )

    assert gates("--expected-failures", str(file)).expected_failures == {"api.x GET /a": "old (team)"}


def test_an_expected_failure_without_an_owner_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        '[[expected]]\nrequirement = "api.x"\nsubject = "target"\nreason = "old"\n', encoding="utf-8"
    )

    with pytest.raises(UsageProblem, match="table 1 has no owner"):
        gates("--expected-failures", str(file))


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
