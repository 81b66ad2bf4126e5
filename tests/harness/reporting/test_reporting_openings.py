"""What would measure most more is named first, and what adds next to nothing is not."""

from fractions import Fraction
from typing import Any

import pytest

from harness.reporting import openings
from harness.reporting.openings import Opening, worth_adding


def opening(reason: str, share: str, line: str) -> Opening:
    return Opening(
        reason=reason, subjects=1, share=Fraction(share), requirements=(), advice="Do it.", lines=(line,)
    )


def named(monkeypatch: pytest.MonkeyPatch, *found: Opening) -> list[str]:
    monkeypatch.setattr(openings, "openings", lambda _scored: found)
    scored: Any = None
    return [item.reason for item in worth_adding(scored)]


def test_lines_of_a_target_file_come_before_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    command, lines = opening("command", "0.3", "harness run"), opening("lines", "0.1", "[consent]")

    assert named(monkeypatch, command, lines) == ["lines", "command"]


def test_lines_that_add_next_to_nothing_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    command, lines = opening("command", "0.02", "harness run"), opening("lines", "0.001", "[[identities]]")

    assert named(monkeypatch, command, lines) == ["command", "lines"]


def test_no_more_than_two_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(named(monkeypatch, *(opening(f"{at}", "0.1", "harness run") for at in range(3)))) == 2
