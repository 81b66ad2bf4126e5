"""A histogram with buckets one percent wide, and what can be said from it with an interval."""

import math
import random
from dataclasses import dataclass, field

from harness.core.finding import Measurement

_WIDTH = math.log(1.01)
_SMALLEST = 0.01
_Z = 1.959964
_RESAMPLES = 2000


def bucket_of(milliseconds: float) -> int:
    """Return the bucket of a latency."""
    return int(math.log(max(milliseconds, _SMALLEST) / _SMALLEST) / _WIDTH)


def middle_of(bucket: int) -> float:
    """Return the latency in the middle of a bucket."""
    return _SMALLEST * math.exp((bucket + 0.5) * _WIDTH)


@dataclass(slots=True)
class Series:
    """What was measured under one request name."""

    buckets: dict[int, int] = field(default_factory=dict)
    requests: int = 0
    errors: int = 0

    def add(self, milliseconds: float, *, is_error: bool) -> None:
        """Count one answer; an error counts by its time as well, or failing fast would look good."""
        bucket = bucket_of(milliseconds)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        self.requests += 1
        self.errors += is_error

    def seconds_of_users(self, pause: float) -> float:
        """Return how long users took over these; each asks again after `pause` seconds at the soonest."""
        return sum(max(pause, middle_of(bucket) / 1000) * number for bucket, number in self.buckets.items())


def percentile(series: Series, share: float) -> float:
    """Return the latency that `share` of the answers did not exceed."""
    return _value_at_rank(series, math.ceil(share * series.requests))


def latency(series: Series, *, limit: float, seed: int, share: float = 0.95) -> Measurement:
    """Return the percentile with its bootstrap interval of 95 %.

    The k-th of n resampled values has the rank that a Beta(k, n - k + 1) draws, so one draw stands for one
    whole resample.
    """
    source = random.Random(seed)  # noqa: S311 - a bootstrap, nothing secret
    number = series.requests
    rank = math.ceil(share * number)
    draws = sorted(
        _value_at_rank(series, math.ceil(source.betavariate(rank, number - rank + 1) * number))
        for _ in range(_RESAMPLES)
    )
    return Measurement(
        value=round(percentile(series, share), 3),
        low=round(draws[int(0.025 * _RESAMPLES)], 3),
        high=round(draws[int(0.975 * _RESAMPLES) - 1], 3),
        limit=limit,
        samples=number,
    )


def error_rate(series: Series, *, limit: float) -> Measurement:
    """Return the share of errors with its Wilson interval of 95 %."""
    number, share = series.requests, series.errors / series.requests
    spread = 1 + _Z**2 / number
    centre = (share + _Z**2 / (2 * number)) / spread
    half = _Z * math.sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2)) / spread
    return Measurement(
        value=round(share, 6),
        low=round(max(0.0, centre - half), 6),
        high=round(min(1.0, centre + half), 6),
        limit=limit,
        samples=number,
    )


def _value_at_rank(series: Series, rank: int) -> float:
    passed = 0
    for bucket in sorted(series.buckets):
        passed += series.buckets[bucket]
        if passed >= rank:
            return middle_of(bucket)
    return 0.0
