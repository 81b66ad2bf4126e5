"""Waiting for a fact with a deadline: the one place in the pack where time is let pass."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_BETWEEN_SECONDS = 0.05


def until(question: Callable[[], T], *, within: float, what: str) -> T:
    """Ask until the answer is truthy and return it; fail when it is not after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {within:g} s; last answer: {answer!r}")
        time.sleep(_BETWEEN_SECONDS)
