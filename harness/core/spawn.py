"""The one way to start a child process: own session, bound to our life, output redacted into a log.

Three things end a child: `stop`, the death signal of Linux (it fires when the *thread* that forked ends, so
one thread that never ends forks them all), and the guardian, which also reaches the child's own children.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar

from harness.core.errors import HarnessFault
from harness.core.forker import forker
from harness.core.interruption import check_interrupted
from harness.core.warm import IS_POSSIBLE

#: Variables of our own environment that would slow a child down or change what it does.
#: Proxies are nobody's wish here: a target is asked directly, whatever the shell is set up for.
NOT_INHERITED = (
    "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY",
)  # fmt: skip

Process = TypeVar("Process")

_LONGEST_LINE = 1 << 20
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnd:
    """How a tool's process ended; `exit_code` is None when it had to be killed."""

    exit_code: int | None
    timed_out: bool
    interrupted: bool
    seconds: float


class Running(Protocol):
    """What is asked of a process, whether it was started or forked where its imports are."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal), or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""


class Child:
    """A running child and its process group."""

    def __init__(self, name: str, process: Running, pump: threading.Thread, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._pump = pump

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it lives; a zombie does not."""
        return self._process.poll() is None

    @property
    def is_zombie(self) -> bool:
        """Whether it is dead and nobody has asked for its exit code yet."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[:1] == ["Z"]

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal), or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end and for its last output; None when it still runs after `timeout` seconds."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._end_group()
        return code

    def stop(self, grace: float = 5.0) -> int | None:
        """End the group: INT, after `grace` seconds TERM, after as many more KILL; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if not self.is_running:
                break
            self._signal(number)
            self._signal(signal.SIGCONT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        self.kill()
        return self._process.returncode

    def kill(self) -> None:
        """Send SIGKILL to the group and reap the child."""
        if self.is_running:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._end_group()

    def interrupt(self) -> None:
        """Send SIGINT to the group and wait for nothing."""
        self._signal(signal.SIGINT)

    def pause(self) -> None:
        """Send SIGSTOP to the group."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Send SIGCONT to the group."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of its log."""
        return log_tail(self.log, lines)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _end_group(self) -> None:
        """Kill what the child left behind, so that nothing keeps its port or its log open."""
        self._signal(signal.SIGKILL)
        forker().forget(self.pid)
        self._pump.join(timeout=5)


def log_tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, or the empty string when there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 200 * lines))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    name: str,
    env: Mapping[str, str] = {},
    cwd: Path | None = None,
    redact: Callable[[bytes], bytes],
    pass_fds: Sequence[int] = (),
    feed: bytes = b"",
) -> Child:
    """Start a child; its output goes line by line through `redact` to the end of `log`.

    `env` is added to our environment; `feed` is written to its standard input, which is then closed.
    Raises HarnessFault when the program does not exist or may not be run.
    """
    process = _started(
        name,
        command,
        lambda: forker().fork(command, _merged(env), cwd, tuple(pass_fds), has_input=bool(feed)),
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.write(feed)
            process.stdin.close()
    return Child(name, process, _pumping(process.stdout, log, name, redact), log)


def spawn_preloaded(
    command: Sequence[str],
    modules: str,
    *,
    log: Path,
    name: str,
    env: Mapping[str, str] = {},
    cwd: Path | None = None,
    redact: Callable[[bytes], bytes],
) -> Child:
    """Start `[python, "-m", MODULE, ...]` as `spawn` does, but forked where `modules` are imported already.

    Raises UsageProblem when they cannot be imported. Where no such process can be waited for, it is `spawn`.
    """
    if not IS_POSSIBLE:
        return spawn(command, log=log, name=name, env=env, cwd=cwd, redact=redact)
    directory = str(cwd or Path.cwd())
    process = _started(
        name,
        command,
        lambda: forker().fork_preloaded(command, modules, _merged(env), directory),
    )
    return Child(name, process, _pumping(process.stdout, log, name, redact), log)


def _merged(env: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in NOT_INHERITED} | dict(env)


def _started(name: str, command: Sequence[str], start: Callable[[], Process]) -> Process:
    try:
        return start()
    except OSError as problem:
        raise HarnessFault(
            f"{name}: cannot start {command[0]!r}: {problem.strerror or problem}",
            remedy="Check that the program is installed and that the command and its directory are right.",
        ) from problem


def _pumping(
    stream: IO[bytes] | None, log: Path, name: str, redact: Callable[[bytes], bytes]
) -> threading.Thread:
    assert stream is not None
    log.parent.mkdir(parents=True, exist_ok=True)
    pump = threading.Thread(target=_pump, args=(stream, log, redact), name=f"log of {name}", daemon=True)
    pump.start()
    return pump


def run_tool(
    command: Sequence[str],
    *,
    seconds: float,
    log: Path,
    name: str,
    env: Mapping[str, str] = {},
    cwd: Path | None = None,
    redact: Callable[[bytes], bytes],
    grace: float = 5.0,
) -> ToolEnd:
    """Run a tool to its end, at most `seconds`; then, and on Ctrl-C, its group is stopped.

    The exit code says how the process ended, never whether what it did was good.
    """
    started = time.monotonic()
    child = spawn(command, log=log, name=name, env=env, cwd=cwd, redact=redact)
    timed_out = interrupted = False
    try:
        code = _wait(child, started + seconds)
        if code is None:
            timed_out = True
            code = child.stop(grace)
    except KeyboardInterrupt:
        interrupted = True
        code = child.stop(grace)
    finally:
        child.kill()
    return ToolEnd(
        exit_code=None if code == -signal.SIGKILL else code,
        timed_out=timed_out,
        interrupted=interrupted,
        seconds=time.monotonic() - started,
    )


def _wait(child: Child, deadline: float) -> int | None:
    """Wait as long as the deadline allows and the user does not interrupt, whichever thread this is."""
    while (left := deadline - time.monotonic()) > 0:
        check_interrupted()
        if (code := child.wait(min(left, _LOOK_SECONDS))) is not None:
            return code
    return child.poll()


def at_loss(command: Sequence[str]) -> Callable[[], None]:
    """Have a command run when we end without undoing it; what is returned takes that back."""
    return forker().promise(command)


def _pump(stream: IO[bytes], log: Path, redact: Callable[[bytes], bytes]) -> None:
    with stream, log.open("ab", buffering=0) as out:
        while line := stream.readline(_LONGEST_LINE):
            out.write(redact(line))
