"""The processes of a launched target: start, readiness, and what may be done to each by name."""

import http.client
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from harness.core.errors import TargetUnreachable, UsageProblem
from harness.core.redaction import Redactor
from harness.core.spawn import Child, log_tail, run_tool, spawn, spawn_preloaded
from harness.target.ports import is_listening
from harness.target.waiting import wait_until_ready

#: How long a process may take until its `ready` path answers 200.
READY_SECONDS = 60.0
#: How long a step before the start may take, e.g. a migration.
SETUP_SECONDS = 120.0
_GRACE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything needed to start a process, again and again the same way.

    It is ready when its `ready` path answers 200; without one, when somebody listens on the port it was told.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    directory: Path | None
    preload: str
    ready: str | None
    listens: int | None
    url: str
    log: Path
    redactor: Redactor

    def start(self) -> Child:
        """Start it and wait until it is ready; raises TargetUnreachable when it does not come up."""
        start = partial(spawn_preloaded, modules=self.preload) if self.preload else spawn
        child = start(
            self.command,
            log=self.log,
            name=f"process {self.name}",
            env=self.env,
            cwd=self.directory,
            redact=self.redactor.bytes,
        )
        try:
            wait_until_ready(child, self._is_ready, url=self.url, seconds=READY_SECONDS)
        except BaseException:
            child.kill()
            raise
        return child

    def run(self) -> None:
        """Run it to its end; raises TargetUnreachable when that is not a good one or does not come."""
        end = run_tool(
            self.command,
            seconds=SETUP_SECONDS,
            log=self.log,
            name=f"setup {self.name}",
            env=self.env,
            cwd=self.directory,
            redact=self.redactor.bytes,
        )
        if end.interrupted:
            raise KeyboardInterrupt
        if end.exit_code == 0 and not end.timed_out:
            return
        what = (
            f"took more than {SETUP_SECONDS:g} s"
            if end.timed_out
            else f"ended with exit code {end.exit_code}"
        )
        tail = "\n".join(f"  | {line}" for line in log_tail(self.log).splitlines())
        raise TargetUnreachable(
            self.url, f"setup {self.name} {what}", remedy=f"The end of {self.log}:\n{tail}"
        )

    def _is_ready(self) -> bool:
        if self.ready is not None:
            return answers_ok(self.url, self.ready)
        return self.listens is None or is_listening(self.listens)


def answers_ok(url: str, path: str) -> bool:
    """Whether a GET of the path answers 200 within two seconds."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Processes:
    """The launched processes by name; `mark` is told which of them are down or stopped on purpose."""

    def __init__(self, mark: Callable[[str, bool], None]) -> None:
        self._mark = mark
        self._recipes: dict[str, Recipe] = {}
        self._children: dict[str, Child] = {}
        self._paused: set[str] = set()
        self._killed: set[str] = set()
        self._lock = threading.RLock()

    def start(self, recipe: Recipe) -> None:
        """Start one more process."""
        self._recipes[recipe.name] = recipe
        self._children[recipe.name] = recipe.start()

    def kill(self, name: str) -> None:
        """Send SIGKILL to the process and see that it is dead."""
        with self._lock:
            child = self._find(name)
            self._killed.add(name)
            self._paused.discard(name)
            self._mark(name, True)  # noqa: FBT003 - a callable's parameters have no names
            child.kill()

    def pause(self, name: str) -> None:
        """Send SIGSTOP."""
        with self._lock:
            child = self._find(name)
            self._paused.add(name)
            self._mark(name, True)  # noqa: FBT003 - a callable's parameters have no names
            child.pause()

    def resume(self, name: str) -> None:
        """Send SIGCONT."""
        with self._lock:
            self._find(name).resume()
            self._paused.discard(name)
            self._mark(name, False)  # noqa: FBT003 - a callable's parameters have no names

    def restart(self, name: str) -> None:
        """Start it again on the same port and data and wait until it is ready."""
        with self._lock:
            self._find(name).kill()
            self._children[name] = self._recipes[name].start()
            self._killed.discard(name)
            self._paused.discard(name)
            self._mark(name, False)  # noqa: FBT003 - a callable's parameters have no names

    def is_running(self, name: str) -> bool:
        """Whether it lives (a zombie does not)."""
        return self._find(name).is_running

    def state(self, name: str) -> Mapping[str, object]:
        """Return what is known of one process."""
        child = self._find(name)
        return {
            "name": name,
            "pid": child.pid,
            "running": child.is_running,
            "paused": name in self._paused,
            "exit_code": child.poll(),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of the target file."""
        return tuple(self._recipes)

    def pids(self) -> Mapping[str, int]:
        """Return the ids of those that run."""
        return {name: child.pid for name, child in tuple(self._children.items()) if child.is_running}

    def ended_by_themselves(self) -> tuple[Child, ...]:
        """Return the processes that ended although nobody here ended them."""
        return tuple(
            child
            for name, child in self._children.items()
            if not child.is_running and name not in self._killed
        )

    def stop(self) -> None:
        """End all of them, the last started first; the signal goes to all at once, so they end together."""
        with self._lock:
            children = tuple(reversed(self._children.values()))
            for child in children:
                child.resume()
                child.interrupt()
            for child in children:
                with suppress(ProcessLookupError):
                    child.stop(_GRACE)

    def _find(self, name: str) -> Child:
        child = self._children.get(name)
        if child is None:
            raise UsageProblem(
                f"there is no process {name!r}", remedy=f"Known are: {', '.join(self._children)}."
            )
        return child
