"""A fail that was seen twice stands, one that was seen once is inconclusive and shows both observations."""

from dataclasses import replace

import pytest

from harness.core.confirmation import NOT_REPRODUCED, confirmed, doubted, flaky
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome

FAILED = Finding(
    requirement="a.one",
    subject="GET /a",
    outcome=Outcome.FAIL,
    reason="server-error",
    layer=Layer.FUZZ,
    producer="fuzz",
    seen="500",
    exchanges=("fuzz-1",),
)
AGAIN = replace(FAILED, reason="worse", seen="503", exchanges=("fuzz-2",))
PASSED = replace(FAILED, outcome=Outcome.PASS, reason="held", seen="200")


@pytest.mark.parametrize("outcome", [item for item in Outcome if item is not Outcome.FAIL])
def test_only_a_fail_is_confirmed(outcome: Outcome) -> None:
    first = replace(FAILED, outcome=outcome)

    assert confirmed(first, AGAIN) is first


def test_a_fail_seen_twice_stands_as_it_was_seen_last() -> None:
    assert confirmed(FAILED, AGAIN) == replace(AGAIN, attempts=2)


@pytest.mark.parametrize(("first", "again", "together"), [(1, 1, 2), (3, 2, 5), (0, 0, 2), (0, 1, 2)])
def test_the_attempts_of_both_are_counted_and_are_at_least_two(first: int, again: int, together: int) -> None:
    found = confirmed(replace(FAILED, attempts=first), replace(AGAIN, attempts=again))

    assert found.attempts == together


def test_a_fail_seen_once_is_inconclusive_with_both_observations() -> None:
    assert confirmed(FAILED, PASSED) == replace(
        FAILED,
        outcome=Outcome.INCONCLUSIVE,
        reason="not-reproduced",
        seen="Once, server-error: 500 | Again: pass (held) 200",
        attempts=2,
    )


def test_a_second_attempt_that_saw_nothing_ends_without_a_blank() -> None:
    assert confirmed(FAILED, replace(PASSED, seen="")).seen.endswith("| Again: pass (held)")


@pytest.mark.parametrize(("instead", "said"), [("it was skipped ", "it was skipped"), ("", "")])
def test_what_came_in_the_place_of_a_second_attempt_is_said(instead: str, said: str) -> None:
    found = confirmed(FAILED, None, instead=instead)

    assert (found.outcome, found.seen) == (Outcome.INCONCLUSIVE, f"Once, server-error: 500 | Again: {said}")


def test_without_a_second_finding_nothing_is_said_by_default() -> None:
    assert confirmed(FAILED, None).seen == "Once, server-error: 500 | Again: "


@pytest.mark.parametrize(("attempts", "counted"), [(1, 2), (2, 2), (5, 5)])
def test_a_doubted_fail_counts_at_least_two_attempts(attempts: int, counted: int) -> None:
    assert doubted(replace(FAILED, attempts=attempts), "nothing").attempts == counted


def test_what_two_attempts_disagreed_on_is_shown() -> None:
    doubtful = doubted(FAILED, "nothing")

    assert doubtful.reason == NOT_REPRODUCED
    assert flaky([FAILED, doubtful, PASSED]) == (doubtful,)
