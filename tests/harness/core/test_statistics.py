"""Intervals: published values and invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.statistics import wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_values(hits: int, trials: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3 (1/29) and hand calculation."""
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_holds_the_share_and_stays_within_zero_and_one(counted: tuple[int, int]) -> None:
    hits, trials = counted

    low, high = wilson(hits, trials)

    assert 0.0 <= low <= hits / trials + 1e-9
    assert hits / trials - 1e-9 <= high <= 1.0


def test_no_trials_say_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_hits_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="3 hits of 2 trials"):
        wilson(3, 2)
