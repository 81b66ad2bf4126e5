"""Asking again until something is true or a deadline passes: the only waiting in scenarios."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Eventually:
    """Calls a check until it stops raising AssertionError; the last one stands when the time is over."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep

    def __call__(self, check: Callable[[], T], *, within: float = 5.0, every: float = 0.05) -> T:
        """Return what the check returns as soon as it holds."""
        deadline = self._monotonic() + within
        while True:
            try:
                return check()
            except AssertionError as error:
                if self._monotonic() >= deadline:
                    raise AssertionError(f"still after {within:g} s: {error}") from error
            self._sleep(every)
