"""What a scenario raises when it cannot judge; a plain pytest run shows both as skipped, with the reason.

Skipped  (what `pytest.skip` raises; pytest exports it only through an attribute that has no type)
├── Inconclusive      could not be measured; `reason` is a stable code in kebab case
└── NotApplicable     a probe showed that the target does not have what this is about
"""

from collections.abc import Iterator
from contextlib import contextmanager

from _pytest.outcomes import Skipped


class Inconclusive(Skipped):
    """The subject could not be measured, for a reason with a code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"inconclusive [{reason}] {detail}".rstrip())
        self.reason = reason
        self.detail = detail or reason


class NotApplicable(Skipped):
    """The target does not have the capability; raised for what a probe found, never for a guess."""

    def __init__(self, capability: str, detail: str = "") -> None:
        super().__init__(f"not applicable [{capability}] {detail}".rstrip())
        self.reason = f"no-{capability}"
        self.detail = detail or f"The target has no {capability}."


@contextmanager
def baseline(reason: str = "no-baseline") -> Iterator[None]:
    """What a scenario must first bring about; when that fails, what it is about was not measured."""
    try:
        yield
    except AssertionError as error:
        raise Inconclusive(reason, str(error)) from error
