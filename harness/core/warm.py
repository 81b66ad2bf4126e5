"""Starts Python programs by forking a process that has their imports: the same program, sooner."""

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from harness.core.errors import UsageProblem

#: Only there can a process be forked and waited for that is not our own child.
IS_POSSIBLE = hasattr(os, "pidfd_open")


class Zygote:
    """A process with modules loaded, to be forked; one for each set of modules and directory."""

    def __init__(self, process: "subprocess.Popen[bytes]", asking: socket.socket, modules: str) -> None:
        """Wait until it has loaded them; raises UsageProblem with what it printed when it cannot."""
        self._process = process
        self._asking = asking
        self._lock = threading.Lock()
        if not asking.recv(2):
            assert process.stdout is not None
            said = process.stdout.read().decode("utf-8", "replace").strip()
            self.close()
            raise UsageProblem(
                f"preload {modules}: {said.splitlines()[-1] if said else 'ended without a word'}",
                remedy="Name a module that the interpreter of the harness can import, or take `preload` out.",
            )

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and with it what was forked of it."""
        self._asking.close()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def fork(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], directory: str
    ) -> "WarmProcess":
        """Start a program; raises OSError when the zygote is gone or the directory does not exist."""
        Path(directory).stat()
        reading, writing = os.pipe()
        order = {"module": module, "arguments": list(arguments), "env": dict(env), "directory": directory}
        try:
            pid = self._ask(order, [writing])["pid"]
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return WarmProcess(self, pid, os.fdopen(reading, "rb"))

    def reap(self, pid: int) -> int:
        """Return the exit code of a program that ended; the zygote's own end killed it."""
        try:
            return self._ask({"reap": pid})["code"]
        except OSError:
            return -signal.SIGKILL

    def _ask(self, order: Mapping[str, object], descriptors: Sequence[int] = ()) -> dict[str, int]:
        with self._lock:
            socket.send_fds(self._asking, [json.dumps(order).encode()], list(descriptors))
            answer = self._asking.recv(1 << 12)
        if not answer:
            raise ConnectionResetError("the process that holds the preloaded modules is gone")
        parsed: dict[str, int] = json.loads(answer)
        return parsed


class WarmProcess:
    """A forked program, to be polled and waited for as one of `subprocess`; it leads its own group."""

    def __init__(self, zygote: Zygote, pid: int, stdout: IO[bytes]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = None
        self.stdout = stdout
        self._zygote = zygote
        self._ended = os.pidfd_open(pid)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal), or None while it runs."""
        with self._lock:
            if self.returncode is None and _is_readable(self._ended, 0):
                self.returncode = self._zygote.reap(self.pid)
                os.close(self._ended)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired when it still runs after that many seconds."""
        with self._lock:  # a descriptor of our own: another thread may reap it meanwhile
            ended = os.dup(self._ended) if self.returncode is None else None
        if ended is not None:
            try:
                _is_readable(ended, timeout)
            finally:
                os.close(ended)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code


def _is_readable(descriptor: int, timeout: float | None) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if timeout is None else timeout * 1000))
