"""Sliding windows: the last N calls, or the calls of the last N seconds, in bounded memory."""

from typing import Protocol

from reference_impl.breakers.library.states import NOTHING, BreakerSettings, Counts, WindowKind


class Window(Protocol):
    """Counts finished calls; old ones fall out by themselves."""

    def good(self, now: float) -> bool:
        """Count a good call; say whether the window holds bad ones, so that opening is worth a thought."""

    def bad(self, now: float, *, failed: bool, slow: bool) -> None: ...
    def counts(self, now: float) -> Counts: ...
    def clear(self) -> None: ...


class CountWindow:
    """The last `size` calls. Only the bad ones are kept, by number: a healthy upstream costs an addition."""

    __slots__ = ("_bad", "_number", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self.clear()

    def good(self, now: float) -> bool:  # noqa: ARG002 - a window of calls needs no time
        self._number += 1
        return bool(self._bad)

    def bad(self, now: float, *, failed: bool, slow: bool) -> None:  # noqa: ARG002 - a window of calls needs no time
        self._number += 1
        self._bad.append((self._number, failed, slow))

    def counts(self, now: float) -> Counts:  # noqa: ARG002 - a window of calls needs no time
        bad = self._bad
        oldest = self._number - self._size
        fallen_out = next((index for index, call in enumerate(bad) if call[0] > oldest), len(bad))
        del bad[:fallen_out]
        failures = sum(failed for _, failed, _ in bad)
        return Counts(min(self._number, self._size), failures, sum(slow for _, _, slow in bad))

    def clear(self) -> None:
        self._number = 0
        self._bad: list[tuple[int, bool, bool]] = []


class TimeWindow:
    """The calls of the last `size` seconds, summed up second by second."""

    __slots__ = ("_buckets", "_calls", "_failures", "_second", "_slow")

    def __init__(self, size: int) -> None:
        self._buckets: list[Counts] = [NOTHING] * size
        self._second: int | None = None
        self._calls = self._failures = self._slow = 0

    def good(self, now: float) -> bool:
        self._add(now, failed=False, slow=False)
        return bool(self._failures or self._slow)

    def bad(self, now: float, *, failed: bool, slow: bool) -> None:
        self._add(now, failed=failed, slow=slow)

    def counts(self, now: float) -> Counts:
        self._move_to(now)
        return Counts(self._calls, self._failures, self._slow)

    def clear(self) -> None:
        self._buckets = [NOTHING] * len(self._buckets)
        self._second = None
        self._calls = self._failures = self._slow = 0

    def _add(self, now: float, *, failed: bool, slow: bool) -> None:
        index = self._move_to(now)
        calls, failures, slow_calls = self._buckets[index]
        self._buckets[index] = Counts(calls + 1, failures + failed, slow_calls + slow)
        self._calls += 1
        self._failures += failed
        self._slow += slow

    def _move_to(self, now: float) -> int:
        """Let the seconds since the last call fall out; return the bucket of this second."""
        size = len(self._buckets)
        second = int(now)
        last = second if self._second is None else self._second
        for passed in range(max(last + 1, second - size + 1), second + 1):
            calls, failures, slow = self._buckets[passed % size]
            self._buckets[passed % size] = NOTHING
            self._calls -= calls
            self._failures -= failures
            self._slow -= slow
        self._second = max(last, second)
        return self._second % size


def window_for(settings: BreakerSettings) -> Window:
    match settings.window:
        case WindowKind.COUNT:
            return CountWindow(settings.window_size)
        case WindowKind.TIME:
            return TimeWindow(settings.window_size)
