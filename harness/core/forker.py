"""The thread that forks all children, the guardian that outlives us, and the processes that hold imports."""

import atexit
import ctypes
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from harness.core import guardian, zygote
from harness.core.errors import UsageProblem
from harness.core.warm import WarmProcess, Zygote

_PR_SET_PDEATHSIG = 1


class Forker:
    """The thread that forks, and the guardian that outlives us."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], _Pending]] = (
            queue.SimpleQueue()
        )
        self._numbers = itertools.count()
        self._zygotes: dict[tuple[str, str], Zygote] = {}
        self._zygotes_lock = threading.Lock()
        threading.Thread(target=self._serve, name="forker", daemon=True).start()
        self._guardian = subprocess.Popen(
            [sys.executable, "-S", "-E", str(guardian.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # it must not keep a pipe open that somebody reads to its end
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(self._close)

    def fork(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path | None,
        fds: tuple[int, ...],
        *,
        has_input: bool,
    ) -> "subprocess.Popen[bytes]":
        """Start a program in a session of its own; raises OSError when that cannot be."""
        done: _Pending = Future()

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                list(command),
                env=env,
                cwd=cwd,
                pass_fds=fds,
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_bind_to_parent(os.getpid()),  # noqa: PLW1509 - two system calls; nothing else binds a child
            )

        self._tasks.put((start, done))
        process = done.result()
        self._tell(f"+ {process.pid}")
        return process

    def fork_preloaded(
        self, command: Sequence[str], modules: str, env: dict[str, str], directory: str
    ) -> WarmProcess:
        """Start `python -m MODULE` where `modules` are imported; raises UsageProblem when they cannot be."""
        _, _, module, *arguments = command
        with self._zygotes_lock:
            warm = self._zygotes.get((modules, directory))
            if warm is not None and not warm.is_alive:
                self.forget(warm.pid)
                warm.close()
                warm = None
            if warm is None:
                warm = self._zygotes[modules, directory] = self._zygote(modules, env, Path(directory))
        process = warm.fork(module, arguments, env, directory)
        self._tell(f"+ {process.pid}")
        return process

    def _zygote(self, modules: str, env: Mapping[str, str], directory: Path) -> Zygote:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = str(theirs.fileno())
        command = [sys.executable, "-m", zygote.__name__, number, *modules.split()]
        with theirs:
            process = self.fork(command, env, directory, (theirs.fileno(),), has_input=False)
        try:
            return Zygote(process, ours, modules)
        except UsageProblem:
            self.forget(process.pid)
            raise

    def forget(self, group: int) -> None:
        """Have the guardian leave a group alone: it has ended."""
        self._tell(f"- {group}")

    def promise(self, command: Sequence[str]) -> Callable[[], None]:
        """Have the guardian run a command when we are gone; what is returned takes that back."""
        number = next(self._numbers)
        self._tell(f"! {number} {json.dumps(list(command))}")
        return lambda: self._tell(f"? {number}")

    def _serve(self) -> None:
        while True:
            start, done = self._tasks.get()
            try:
                done.set_result(start())
            except OSError as problem:
                done.set_exception(problem)

    def _tell(self, line: str) -> None:
        assert self._guardian.stdin is not None
        with suppress(OSError, ValueError):
            os.write(self._guardian.stdin.fileno(), f"{line}\n".encode())

    def _close(self) -> None:
        assert self._guardian.stdin is not None
        with suppress(OSError):
            self._guardian.stdin.close()
        self._guardian.wait()
        for each in self._zygotes.values():
            each.close()


_Pending = Future["subprocess.Popen[bytes]"]
_lock = threading.Lock()
_instances: list[Forker] = []


def forker() -> Forker:
    """Return the one of this process, begun when it is first asked for."""
    with _lock:
        if not _instances:
            _instances.append(Forker())
        return _instances[0]


def _bind_to_parent(parent: int) -> Callable[[], None]:
    """Return what a child does between fork and exec."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def bind() -> None:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # a shell's `cmd &` has it ignored, and that is inherited
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died between fork and prctl

    return bind
