"""What is measured, and how sure one may be of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.layers.load.histogram import Series, bucket_of, error_rate, latency, middle_of, percentile


def _series(milliseconds: list[float], *, errors: int = 0) -> Series:
    series = Series()
    for position, value in enumerate(milliseconds):
        series.add(value, is_error=position < errors)
    return series


@given(st.floats(min_value=0.01, max_value=1e6))
def test_a_bucket_is_within_one_percent_of_what_fell_into_it(milliseconds: float) -> None:
    assert middle_of(bucket_of(milliseconds)) == pytest.approx(milliseconds, rel=0.01)


@given(st.lists(st.floats(min_value=0.01, max_value=1e5), min_size=1, max_size=300))
def test_the_interval_holds_the_percentile(milliseconds: list[float]) -> None:
    measured = latency(_series(milliseconds), limit=250.0, seed=1)

    assert measured.low <= measured.value <= measured.high


def test_the_percentile_is_what_so_many_answers_did_not_exceed() -> None:
    assert percentile(_series([float(value) for value in range(1, 101)]), 0.95) == pytest.approx(95, rel=0.01)


def test_the_same_seed_gives_the_same_interval() -> None:
    series = _series([float(value) for value in range(1, 200)])

    assert latency(series, limit=1.0, seed=5) == latency(series, limit=1.0, seed=5)


def test_more_answers_make_the_interval_narrower() -> None:
    few, many = _series([1.0, 2.0, 3.0, 4.0] * 10), _series([1.0, 2.0, 3.0, 4.0] * 1000)

    def width(series: Series) -> float:
        rate = error_rate(series, limit=0.05)
        return rate.high - rate.low

    assert width(many) < width(few)


@pytest.mark.parametrize(
    ("errors", "requests", "low", "high"),
    [(0, 100, 0.0, 0.0370), (10, 100, 0.0552, 0.1744), (100, 100, 0.9630, 1.0)],
)
def test_the_error_rate_has_wilsons_interval(errors: int, requests: int, low: float, high: float) -> None:
    measured = error_rate(_series([1.0] * requests, errors=errors), limit=0.05)

    assert (measured.low, measured.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
