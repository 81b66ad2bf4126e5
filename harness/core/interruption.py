"""Ctrl-C, told to every thread that waits: Python itself raises it in the main one only."""

import signal
import threading
from types import FrameType

_told = threading.Event()


def install() -> None:
    """Have SIGINT remembered and raised as KeyboardInterrupt, also where a shell had it ignored."""
    signal.signal(signal.SIGINT, _tell)


def check_interrupted() -> None:
    """Raise KeyboardInterrupt when the user interrupted us, whichever thread asks."""
    if _told.is_set():
        raise KeyboardInterrupt


def _tell(_number: int, _frame: FrameType | None) -> None:
    _told.set()
    raise KeyboardInterrupt
