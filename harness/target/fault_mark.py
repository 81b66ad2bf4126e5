"""Tells the recorder whether any fault is active, so that exchanges carry it."""

import threading
from collections.abc import Callable


class FaultMark:
    """Active while anybody gives a reason: a link with toxics, a process that is down, an experiment."""

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._tell = tell
        self._reasons: set[str] = set()
        self._lock = threading.Lock()

    def set(self, reason: str, *, active: bool) -> None:
        """Give a reason or take it back; the recorder is told of changes only."""
        with self._lock:
            was_active = bool(self._reasons)
            if active:
                self._reasons.add(reason)
            else:
                self._reasons.discard(reason)
            if bool(self._reasons) != was_active:
                self._tell(bool(self._reasons))

    @property
    def is_active(self) -> bool:
        """Whether there is a reason."""
        return bool(self._reasons)
