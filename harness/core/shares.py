"""What part of an area each requirement is: fixed over what applies, whatever was measured of it."""

from collections.abc import Sequence
from fractions import Fraction

from harness.core.requirement import Requirement

#: MUST and advice stand 95 : 5; the one that exists has the whole where the other has none.
MUST_SHARE = Fraction(95, 100)


def area_shares(applicable: Sequence[Requirement]) -> tuple[Fraction, ...]:
    """Return the share of each requirement, 1 in all, in the order given."""
    total = {
        must: sum((item.weight.points for item in applicable if item.must is must), Fraction(0))
        for must in (True, False)
    }
    has_both = all(total.values())
    part = {
        True: MUST_SHARE if has_both else Fraction(1),
        False: 1 - MUST_SHARE if has_both else Fraction(1),
    }
    return tuple(part[item.must] * item.weight.points / total[item.must] for item in applicable)
