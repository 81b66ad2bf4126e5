"""What a second attempt means for a fail: seen twice it stands, seen once it is inconclusive."""

from collections.abc import Iterable
from dataclasses import replace

from harness.core.finding import Finding
from harness.core.outcome import Outcome

#: The reason of a fail that a second attempt did not show.
NOT_REPRODUCED = "not-reproduced"


def confirmed(first: Finding, again: Finding | None, *, instead: str = "") -> Finding:
    """Return what two attempts amount to; `instead` says what came in the place of a second finding."""
    if first.outcome is not Outcome.FAIL:
        return first
    if again is not None and again.outcome is Outcome.FAIL:
        return replace(again, attempts=max(2, first.attempts + again.attempts))
    said = instead if again is None else f"{again.outcome.value} ({again.reason}) {again.seen}"
    return doubted(first, said.strip())


def doubted(first: Finding, again: str) -> Finding:
    """Return a fail that was seen once as inconclusive, with both observations."""
    return replace(
        first,
        outcome=Outcome.INCONCLUSIVE,
        reason=NOT_REPRODUCED,
        seen=f"Once, {first.reason}: {first.seen} | Again: {again}",
        attempts=max(2, first.attempts),
    )


def flaky(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings whose two attempts differed; they are shown, so that confirming hides nothing."""
    return tuple(item for item in findings if item.reason == NOT_REPRODUCED)
