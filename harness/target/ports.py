"""Ports for programs that want to be told one: free now, and outside what the system hands to others."""

import random
import socket
import threading

from harness.core.errors import HarnessFault

#: Below the range from which systems take the ports of outgoing connections, so nobody takes one meanwhile.
_RANGE = range(20_000, 30_000)
_ATTEMPTS = 200

_given: set[int] = set()
_lock = threading.Lock()
_random = random.SystemRandom()  # two harnesses on one machine must not walk the same way


def free_port() -> int:
    """Return a loopback port that nobody listens on and that this process has not given out yet."""
    with _lock:
        for _ in range(_ATTEMPTS):
            port = _random.choice(_RANGE)
            if port not in _given and _is_free(port):
                _given.add(port)
                return port
    raise HarnessFault("no free port on loopback", remedy="End what listens on ports 20000 to 29999.")


def is_listening(port: int, *, host: str = "127.0.0.1", seconds: float = 1.0) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
