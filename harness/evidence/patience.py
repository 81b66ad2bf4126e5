"""Decides how long to leave a deployment alone after it answered 429 or 503; pure, with the clock given."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: A longer wait than this is not waited for by holding a request back: clients give up. It is not sent.
LONGEST_HOLD = 8.0
_FIRST = 0.5
_LONGEST_GUESS = 4.0
_LONGEST_ASKED = 3600.0
#: Throttled on another path within this time: it is the caller that is throttled, and not one operation.
_TOGETHER = 10.0


@dataclass(slots=True)
class _Path:
    until: float = 0.0
    refusals: int = 0
    last: float = float("-inf")


class Patience:
    """Knows which paths asked to be left alone until when."""

    def __init__(self) -> None:
        self._paths: dict[str, _Path] = {}

    def until(self, path: str) -> float:
        """Return the moment before which a path is to be left alone."""
        known = self._paths.get(path)
        return known.until if known else 0.0

    def answered(self, path: str, status: int, retry_after: str, *, now: float, wall: datetime) -> float:
        """Take in an answer; return the moment before which nothing at all is to be sent, 0 for none."""
        asked = _seconds_of(retry_after, wall)
        if status != 429 and not (status == 503 and asked is not None):
            if known := self._paths.get(path):
                known.refusals = 0
            return 0.0
        known = self._paths.setdefault(path, _Path())
        known.refusals += 1
        known.last = now
        guess = min(_LONGEST_GUESS, _FIRST * 2 ** min(known.refusals - 1, 8))
        known.until = now + (guess if asked is None else min(asked, _LONGEST_ASKED))
        others = (each for name, each in self._paths.items() if name != path)
        is_general = any(now - each.last < _TOGETHER for each in others)
        return known.until if is_general else 0.0


def _seconds_of(retry_after: str, wall: datetime) -> float | None:
    """Return what Retry-After asks for, in seconds or as a date (RFC 9110 10.2.3), or None."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - wall).total_seconds())
