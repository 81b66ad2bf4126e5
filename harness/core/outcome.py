"""The five outcomes and which of them dominates."""

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """What a check says about one subject. Nothing judged is never a pass."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"

    @property
    def is_conclusive(self) -> bool:
        """Whether the subject was really measured."""
        return self in {Outcome.PASS, Outcome.FAIL}


_DOMINANCE = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_APPLICABLE)


def dominant(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome that decides a subject: fail > error > inconclusive > pass > not-applicable.

    No outcomes at all is inconclusive.
    """
    seen = set(outcomes)
    for outcome in _DOMINANCE:
        if outcome in seen:
            return outcome
    return Outcome.INCONCLUSIVE
