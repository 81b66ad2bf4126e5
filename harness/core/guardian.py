"""Run as a script: ends the process groups it was told of as soon as whoever started it is gone.

It reads lines: `+ <group>` and `- <group>` for groups to kill, `! <id> <JSON command>` and `? <id>` for
commands to run (containers live outside every group) and to forget. End of file means that the harness
ended, however it ended, a SIGKILL included. It lives in a session of its own, so a Ctrl-C does not reach it.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress


def main() -> None:
    """Follow the lines until the pipe closes, then kill every group that is still listed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    commands: dict[str, list[str]] = {}
    for line in sys.stdin:
        sign, number, *command = line.rstrip("\n").split(" ", 2)
        match sign:
            case "+":
                groups.add(int(number))
            case "-":
                groups.discard(int(number))
            case "!":
                commands[number] = json.loads(command[0])
            case "?":
                commands.pop(number, None)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for arguments in commands.values():
        with suppress(OSError):
            subprocess.run(arguments, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
