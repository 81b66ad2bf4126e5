"""Time as a dependency, so that no test waits for it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, monotonic time for limits."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only when told to."""

    moment: datetime
    elapsed: float = 0.0

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment

    def monotonic(self) -> float:
        """Return the seconds it was advanced by."""
        return self.elapsed
