"""How differences between runs are told: signed, rounded towards nothing, and by what they are due to."""

from fractions import Fraction

import pytest

from harness.core.history import Movement
from harness.reporting.trend import reasons, signed


def movement(code: str = "0", measured: str = "0", scope: str = "0") -> Movement:
    parts = [Fraction(code), Fraction(measured), Fraction(scope)]
    return Movement(
        area="security",
        before=Fraction(5),
        after=5 + sum(parts),
        code=parts[0],
        measured=parts[1],
        scope=parts[2],
    )


@pytest.mark.parametrize(
    ("value", "text"), [("0.45", "+0.4"), ("-1.29", "-1.2"), ("0.09", "0.0"), ("-0.09", "0.0"), ("0", "0.0")]
)
def test_points_have_a_sign_and_are_never_rounded_up(value: str, text: str) -> None:
    assert signed(Fraction(value)) == text


@pytest.mark.parametrize(
    ("parts", "is_same_rubric", "text"),
    [
        (movement(), True, "nothing"),
        (movement(code="0.5"), True, "code +0.5"),
        (movement(code="0.5", measured="-0.2"), True, "code +0.5, measured share -0.2"),
        (movement(scope="-1"), True, "subjects asked for -1.0"),
        (movement(scope="-1"), False, "rubric -1.0"),
        (movement(code="-0.9", measured="0.04"), True, "code -0.9"),
        (movement(code="0.04"), True, "less than 0.1"),
    ],
)
def test_each_part_of_a_movement_is_named(parts: Movement, is_same_rubric: bool, text: str) -> None:
    assert reasons(parts, is_same_rubric=is_same_rubric) == text
