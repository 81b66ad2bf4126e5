"""Run as a script: ends the process groups it was told of as soon as whoever started it is gone.

It reads `+<group>` and `-<group>` lines; end of file means that the harness ended, however it ended, a
SIGKILL included. It lives in a session of its own, so a Ctrl-C does not reach it.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Follow the lines until the pipe closes, then kill every group that is still listed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
