"""What a run may send to a deployment: one count and one pace, shared by every process that sends for it."""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.errors import UsageProblem

_RECORD = struct.Struct("<ddqqd")


class BudgetSpent(UsageProblem):
    """The run has sent as many requests as it may."""

    def __init__(self, requests: int) -> None:
        super().__init__(
            f"the budget of {requests} requests is spent",
            remedy="Raise it with --max-requests or [limits] requests, or choose fewer layers.",
        )
        self.requests = requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was sent so far, what was not sent for want of budget or leave, and how long senders waited."""

    next_free: float = 0.0
    paused_until: float = 0.0
    sent: int = 0
    refused: int = 0
    waited: float = 0.0


class Allowance:
    """A file that hands out moments to send at; moments are of the machine's monotonic clock.

    `requests` and `per_second` of 0 mean no limit.
    """

    def __init__(self, path: Path, *, requests: int = 0, per_second: float = 0.0) -> None:
        self.path = path
        self.requests = requests
        self.per_second = per_second
        path.parent.mkdir(parents=True, exist_ok=True)

    def take(self, now: float, *, longest_pause: float = float("inf")) -> float | None:
        """Return how many seconds to wait before sending; raises BudgetSpent when there is nothing left.

        None when the target asked to be left alone for longer than the caller can hold a request back.
        """
        with self._held() as book:
            if book.spending.paused_until - now > longest_pause:
                book.spending = replace(book.spending, refused=book.spending.refused + 1)
                return None
            if self.requests and book.spending.sent >= self.requests:
                book.spending = replace(book.spending, refused=book.spending.refused + 1)
                raise BudgetSpent(self.requests)
            old = book.spending
            moment = max(now, old.next_free, old.paused_until)
            book.spending = replace(
                old,
                next_free=moment + 1 / self.per_second if self.per_second else 0.0,
                sent=old.sent + 1,
                waited=old.waited + moment - now,
            )
            return moment - now

    def pause(self, until: float) -> None:
        """Let nobody send before a moment."""
        with self._held() as book:
            book.spending = replace(book.spending, paused_until=max(book.spending.paused_until, until))

    def refuse(self) -> None:
        """Count something that was not sent."""
        with self._held() as book:
            book.spending = replace(book.spending, refused=book.spending.refused + 1)

    def spending(self) -> Spending:
        """Return the account."""
        with self._held() as book:
            return book.spending

    @contextmanager
    def _held(self) -> Iterator["_Book"]:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = os.pread(file, _RECORD.size, 0)
            book = _Book(_read(content))
            try:
                yield book
            finally:
                os.pwrite(file, _written(book.spending), 0)
        finally:
            os.close(file)  # and with it the lock


class _Book:
    def __init__(self, spending: Spending) -> None:
        self.spending = spending


def _read(content: bytes) -> Spending:
    if len(content) < _RECORD.size:
        return Spending()
    next_free, paused_until, sent, refused, waited = _RECORD.unpack(content)
    return Spending(next_free=next_free, paused_until=paused_until, sent=sent, refused=refused, waited=waited)


def _written(spending: Spending) -> bytes:
    return _RECORD.pack(
        spending.next_free, spending.paused_until, spending.sent, spending.refused, spending.waited
    )
