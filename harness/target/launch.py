"""One open launch: a target started with all that stands behind it, on fresh ports and a fresh directory."""

import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.core.clock import Clock
from harness.core.errors import TargetUnreachable, UsageProblem
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.resources import resource
from harness.core.spawn import at_loss, spawn
from harness.core.target import Process, Stub, Target
from harness.target.companion import Companion, start_companion
from harness.target.control_api import ControlServer
from harness.target.dependencies.started import Place
from harness.target.dependencies.starting import start_dependency
from harness.target.fault_mark import FaultMark
from harness.target.place import Folder
from harness.target.placeholders import Placeholders
from harness.target.ports import free_port, is_listening
from harness.target.processes import Processes, Recipe
from harness.target.recording import Recording, start_recording
from harness.target.sampling import Sampler
from harness.target.waiting import wait_until_ready

_SECONDS_OF_A_STUB = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a launch is given."""

    target: Target
    layer: Layer
    folder: Folder
    redactor: Redactor
    clock: Clock
    seed: int


class Launch:
    """Starts everything in order, takes orders from the control API, and stops everything in reverse."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._target = setting.target
        self._stack = ExitStack()
        self._recording: Recording | None = None
        self._faults: Companion | None = None
        self._links: dict[str, str] = {}
        self._mark = FaultMark(self._tell_recorder)
        self._processes = Processes(lambda name, down: self._mark.set(f"process {name}", active=down))
        self._stub_urls: dict[str, str] = {}
        self._data = Path()
        self._port = free_port()
        self._placeholders = Placeholders({}, free_port=free_port)
        self.direct_url = setting.target.base_url.replace("{port}", str(self._port))
        self.public_url = self.direct_url
        self.control_address = ""
        self.control_token = ""

    @property
    def process_control(self) -> Processes:
        """What may be done to the processes."""
        return self._processes

    @property
    def recording(self) -> Recording | None:
        """The recorder in front of the target, if there is one."""
        return self._recording

    @property
    def data(self) -> Path:
        """The launch's own directory; it is removed at the end."""
        return self._data

    def open(self, *, record: bool) -> None:
        """Start everything; raises HarnessProblem, and then nothing is left running."""
        with ExitStack() as stack:
            stack.callback(self.close)
            self._make_directory()
            if record:
                self._start_recorder()
            self._start_faults()
            self._start_stubs()
            self._start_dependencies()
            self._set_up()
            self._start_processes()
            self._start_control()
            self._start_sampler()
            stack.pop_all()

    def close(self) -> None:
        """Stop everything in reverse order."""
        self._stack.close()

    def check(self) -> None:
        """Raise TargetUnreachable when a process ended although nobody here ended it."""
        for child in self._processes.ended_by_themselves():
            child.wait()
            tail = "\n".join(f"  | {line}" for line in child.tail().splitlines())
            raise TargetUnreachable(
                self.direct_url,
                f"{child.name} ended by itself during {self._setting.layer.value}, exit code {child.poll()}",
                remedy=f"The end of {child.log}:\n{tail}",
            )

    # What the control API acts on.

    def links(self) -> Sequence[str]:
        """Return the names of the links."""
        return tuple(self._links)

    def link(self, name: str) -> Mapping[str, object]:
        """Return a link's address and counters."""
        return {"url": self._link_url(name), **self._ask_faults("counters", link=name)}

    def inject(self, name: str, toxic: Mapping[str, object]) -> Mapping[str, object]:
        """Put a toxic on a link."""
        self._mark.set(f"link {name}", active=True)
        try:
            return self._ask_faults("inject", link=name, toxic=dict(toxic))
        except UsageProblem:
            self._mark.set(f"link {name}", active=bool(self._ask_faults("counters", link=name)["toxics"]))
            raise

    def heal(self, name: str) -> Mapping[str, object]:
        """Take all toxics off a link."""
        healed = self._ask_faults("heal", link=name)
        self._mark.set(f"link {name}", active=False)
        return healed

    def processes(self) -> Sequence[str]:
        """Return the names of the processes."""
        return self._processes.names

    def process(self, name: str) -> Mapping[str, object]:
        """Return a process' state."""
        return self._processes.state(name)

    def signal(self, name: str, what: str) -> Mapping[str, object]:
        """Kill, pause, resume or restart a process."""
        match what:
            case "kill":
                self._processes.kill(name)
            case "pause":
                self._processes.pause(name)
            case "resume":
                self._processes.resume(name)
            case "restart":
                self._processes.restart(name)
            case _:
                raise UsageProblem(f"a process cannot be told to {what!r}")
        return self._processes.state(name)

    def set_fault(self, *, active: bool) -> None:
        """Mark exchanges as made under a fault, or no longer."""
        self._mark.set("an experiment", active=active)

    def stubs(self) -> Mapping[str, str]:
        """Return the stubs' own URLs."""
        return dict(self._stub_urls)

    # The start, in order.

    def _make_directory(self) -> None:
        # Not in the run folder: it is no evidence, and sockets need short paths.
        self._data = Path(tempfile.mkdtemp(prefix="harness-"))
        self._stack.callback(at_loss(["rm", "-rf", str(self._data)]))
        self._stack.callback(shutil.rmtree, self._data, ignore_errors=True)
        self._placeholders.add(
            {"port": str(self._port), "data_dir": str(self._data), "python": sys.executable}
        )
        for identity in self._target.identities:
            self._setting.redactor.learn(identity.secret)
            self._placeholders.add(
                {
                    f"identities.{identity.name}.username": identity.username,
                    f"identities.{identity.name}.secret": identity.secret,
                }
            )

    def _start_recorder(self) -> None:
        setting = self._setting
        self._recording = start_recording(
            setting.layer, self.direct_url, setting.folder, setting.redactor, mcp=self._target.mcp
        )
        self._stack.callback(self._recording.stop)
        self.public_url = self._recording.url

    def _start_faults(self) -> None:
        self._placeholders.add({"public_url": self.public_url})
        self._faults = start_companion(
            "harness.faults",
            [],
            name=f"{self._setting.layer.value}-faults",
            logs=self._setting.folder.logs,
            redactor=self._setting.redactor,
        )
        self._stack.callback(self._faults.stop)

    def _start_stubs(self) -> None:
        started = []
        for stub in self._target.stubs:
            port = free_port()
            child = spawn(
                [sys.executable, str(_stub_file(stub)), "--port", str(port)],
                log=self._log(stub.name),
                name=f"stub {stub.name}",
                redact=self._setting.redactor.bytes,
            )
            self._stack.callback(child.stop, 2.0)
            started.append((stub, child, port))
        for stub, child, port in started:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(child, partial(is_listening, port), url=url, seconds=_SECONDS_OF_A_STUB)
            self._stub_urls[stub.name] = url
            address = self._open_link(stub.name, "127.0.0.1", port)
            self._placeholders.add(
                {
                    f"stubs.{stub.name}.url": f"http://{address}",
                    f"stubs.{stub.name}.address": address,
                    f"stubs.{stub.name}.direct_url": url,
                    f"stubs.{stub.name}.direct_address": f"127.0.0.1:{port}",
                }
            )

    def _start_dependencies(self) -> None:
        place = Place(
            directory=self._data,
            logs=self._setting.folder.logs,
            prefix=self._setting.layer.value,
            redactor=self._setting.redactor,
        )
        for dependency in self._target.dependencies:
            started = start_dependency(dependency, place)
            self._stack.callback(started.stop)
            address = self._open_link(dependency.name, started.host, started.port)
            direct = f"{started.host}:{started.port}"
            self._placeholders.add(
                {
                    f"dependencies.{dependency.name}.url": started.url.replace("{address}", address),
                    f"dependencies.{dependency.name}.address": address,
                    f"dependencies.{dependency.name}.direct_url": started.url.replace("{address}", direct),
                    f"dependencies.{dependency.name}.direct_address": direct,
                }
            )

    def _set_up(self) -> None:
        for step in self._target.setup:
            self._recipe(step, table="setup").run()

    def _start_processes(self) -> None:
        self._stack.callback(self._processes.stop)
        for process in self._target.processes:
            if process.is_for(self._setting.layer):
                self._processes.start(self._recipe(process))

    def _recipe(self, process: Process, *, table: str = "processes") -> Recipe:
        where = f"launch.{table}.{process.name}"
        fill = self._placeholders.fill
        return Recipe(
            name=process.name,
            command=self._placeholders.fill_all(process.command, where=f"{where}.command"),
            env=self._placeholders.fill_values(
                {**process.env, **process.layer_env.get(self._setting.layer.value, {})}, where=f"{where}.env"
            ),
            directory=Path(fill(process.directory, where=f"{where}.directory"))
            if process.directory
            else None,
            preload=process.preload,
            ready=process.ready,
            listens=self._port if _is_told_port(process) else None,
            url=self.direct_url,
            log=self._log(process.name),
            redactor=self._setting.redactor,
        )

    def _start_control(self) -> None:
        self.control_token = secrets.token_urlsafe(24)
        self._setting.redactor.learn(self.control_token)
        server = ControlServer(self, self.control_token)
        server.start()
        self._stack.callback(server.stop)
        self.control_address = server.address

    def _start_sampler(self) -> None:
        sampler = Sampler(
            self._setting.layer, self._setting.folder.resources, self._processes.pids, self._setting.clock
        )
        sampler.start()
        self._stack.callback(sampler.stop)

    def _open_link(self, name: str, host: str, port: int) -> str:
        opened = self._ask_faults("open", link=name, host=host, port=port, seed=self._setting.seed)
        self._links[name] = f"127.0.0.1:{opened['port']}"
        return self._links[name]

    def _link_url(self, name: str) -> str:
        return f"http://{self._links[name]}" if name in self._stub_urls else self._links.get(name, "")

    def _ask_faults(self, operation: str, **arguments: object) -> Mapping[str, object]:
        assert self._faults is not None
        return self._faults.ask(operation, **arguments)

    def _tell_recorder(self, active: bool) -> None:  # noqa: FBT001 - it is handed on as a callable
        if self._recording is not None:
            self._recording.set_fault(active=active)

    def _log(self, name: str) -> Path:
        return self._setting.folder.logs / f"{self._setting.layer.value}-{name}.log"


def _is_told_port(process: Process) -> bool:
    """Whether its command or its environment names the port that clients come to."""
    return any("{port}" in text for text in (*process.command, *process.env.values()))


def _stub_file(stub: Stub) -> Path:
    """Return the stub's program: a file under scenarios/stubs by its name, or any file by its path."""
    if stub.module.endswith(".py"):
        return Path(stub.module)
    return resource(f"scenarios/stubs/{stub.module}.py")
