"""How much of this machine's processors went to others while something was measured."""

import time
from dataclasses import dataclass
from typing import Self

import psutil

#: Above this the machine was theirs, and what is left of it says nothing.
_MOST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Seconds that the processors have worked so far, in all and for this process and those it started."""

    at: float
    busy: float
    ours: float

    @classmethod
    def now(cls) -> Self:
        """Look at the machine."""
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted in user already
        return cls(at=time.monotonic(), busy=sum(times) - idle - guests, ours=_of_our_own())

    def others_until(self, later: "Glance") -> float:
        """Return the share of all processors, 0 to 0.95, that others had between two glances."""
        capacity = (later.at - self.at) * (psutil.cpu_count() or 1)
        theirs = (later.busy - self.busy) - (later.ours - self.ours)
        return min(_MOST, max(0.0, theirs / capacity)) if capacity > 0 else 0.0


def _of_our_own() -> float:
    """What has ended is in its parent's account, so nobody of ours is lost or counted twice."""
    process = psutil.Process()
    spent = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.Error:
            continue  # it ended meanwhile
        spent += times.user + times.system + times.children_user + times.children_system
    return spent
