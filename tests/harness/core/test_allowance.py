"""One budget and one pace for all processes of a run."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.allowance import Allowance, BudgetSpent, Spending


def test_moments_are_handed_out_at_the_agreed_pace(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a", per_second=10)

    waits = [allowance.take(50.0) for _ in range(3)]

    assert waits == pytest.approx([0.0, 0.1, 0.2])


def test_without_a_pace_nobody_waits(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a")

    assert [allowance.take(50.0) for _ in range(3)] == [0.0] * 3


def test_a_spent_budget_is_an_error_that_says_how_to_raise_it(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a", requests=2)
    allowance.take(1.0)
    allowance.take(1.0)

    with pytest.raises(BudgetSpent) as raised:
        allowance.take(1.0)

    assert raised.value.requests == 2
    assert str(raised.value).startswith("the budget of 2 requests is spent")
    assert raised.value.remedy == (
        "Raise it with --max-requests or [limits] requests, or choose fewer layers."
    )
    assert (allowance.spending().sent, allowance.spending().refused) == (2, 1)


def test_a_pause_holds_for_everybody_who_shares_the_file(tmp_path: Path) -> None:
    Allowance(tmp_path / "a").pause(60.0)

    other = Allowance(tmp_path / "a")

    assert other.take(50.0) == 10.0
    assert other.take(50.0, longest_pause=5.0) is None


def test_a_pause_that_is_just_not_too_long_is_waited_for(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a")
    allowance.pause(60.0)

    assert allowance.take(50.0, longest_pause=10.0) == 10.0
    assert allowance.take(49.0, longest_pause=10.0) is None
    assert allowance.take(61.0, longest_pause=0.0) == 0.0
    assert allowance.take(60.0, longest_pause=0.0) == 0.0


def test_a_later_pause_may_not_shorten_an_earlier_one(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a")
    allowance.pause(60.0)
    allowance.pause(55.0)

    assert allowance.take(50.0) == 10.0


def test_the_account_tells_what_was_sent_refused_and_waited_for(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a", per_second=4)
    for _ in range(3):
        allowance.take(50.0)
    allowance.pause(90.0)
    assert allowance.take(50.0, longest_pause=1.0) is None
    assert allowance.take(50.0, longest_pause=1.0) is None
    allowance.refuse()
    allowance.refuse()

    assert allowance.spending() == Spending(
        next_free=50.75, paused_until=90.0, sent=3, refused=4, waited=0.75
    )


def test_without_a_pace_no_moment_is_taken(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a")
    allowance.take(0.25)

    assert allowance.spending() == Spending(sent=1)
    assert allowance.take(0.25) == 0.0


def test_the_file_may_lie_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    allowance = Allowance(tmp_path / "a" / "b" / "c", requests=1)

    assert allowance.take(1.0) == 0.0


def test_processes_share_one_count(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from harness.core.allowance import Allowance\n"
        "book = Allowance(Path(sys.argv[1]))\n"
        "for _ in range(200): book.take(1.0)"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "a")]) for _ in range(3)]

    assert [child.wait(timeout=60) for child in children] == [0, 0, 0]
    assert Allowance(tmp_path / "a").spending().sent == 600
