"""Numbers as people read them, rounded down, so that nothing looks better than it is."""

from fractions import Fraction


def one_decimal(value: Fraction) -> str:
    """Return e.g. `6.2` for 6.29."""
    tenths = value.numerator * 10 // value.denominator
    return f"{tenths // 10}.{tenths % 10}"


def percent(share: Fraction) -> int:
    """Return a share of 0..1 in whole percent."""
    return share.numerator * 100 // share.denominator
