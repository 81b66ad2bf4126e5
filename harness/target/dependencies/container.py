"""A dependency in a container, through the docker command line; it is removed even when we are killed."""

import secrets
import shutil
import subprocess
import time

from harness.core.errors import HarnessFault
from harness.core.spawn import at_loss
from harness.core.target import Dependency
from harness.target.dependencies.started import Place, Started
from harness.target.ports import is_listening

_SECONDS_TO_START = 120.0
_SECONDS_TO_LISTEN = 60.0


def start(dependency: Dependency, place: Place) -> Started:
    """Start the image with its port published on loopback; `url` of the target file may hold {address}."""
    engine = _engine()
    name = f"harness-{dependency.name}-{secrets.token_hex(4)}"
    settings = [part for item in dependency.env.items() for part in ("--env", "=".join(item))]
    remove = [engine, "rm", "--force", "--volumes", name]
    keep_promise = at_loss(remove)

    def stop() -> None:
        _ask(remove, seconds=60.0)
        keep_promise()

    try:
        _ask(
            [
                engine, "run", "--detach", "--name", name, "--label", "core-harness=dependency",
                "--publish", f"127.0.0.1::{dependency.port}", *settings, dependency.image,
            ],
            seconds=_SECONDS_TO_START,
        )  # fmt: skip
        port = _published(engine, name, dependency.port)
        _wait(port, engine, name, dependency)
    except HarnessFault:
        place.logs.mkdir(parents=True, exist_ok=True)
        place.log(dependency.name).write_bytes(place.redactor.bytes(_logs(engine, name)))
        stop()
        raise
    return Started(host="127.0.0.1", port=port, url=dependency.url or "tcp://{address}", stop=stop)


def _engine() -> str:
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None:
        raise HarnessFault(
            "a dependency of kind container needs docker or podman on PATH",
            remedy='Install one, or use kind = "url" with a service that runs already.',
        )
    return engine


def _published(engine: str, name: str, port: int) -> int:
    """Return the port on loopback; the engine prints e.g. `127.0.0.1:49153`."""
    printed = _ask([engine, "port", name, f"{port}/tcp"], seconds=30.0)
    return int(printed.splitlines()[0].rpartition(":")[2])


def _wait(port: int, engine: str, name: str, dependency: Dependency) -> None:
    limit = time.monotonic() + _SECONDS_TO_LISTEN
    while not is_listening(port):
        running = _ask([engine, "inspect", "--format", "{{.State.Running}}", name], seconds=30.0)
        if running.strip() != "true":
            raise HarnessFault(f"the container of {dependency.name} ({dependency.image}) ended at start")
        if time.monotonic() >= limit:
            raise HarnessFault(f"nothing listens on port {dependency.port} of {dependency.image}")
        time.sleep(0.1)


def _logs(engine: str, name: str) -> bytes:
    asked = subprocess.run(
        [engine, "logs", name], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30
    )
    return asked.stdout


def _ask(command: list[str], *, seconds: float) -> str:
    try:
        asked = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as problem:
        raise HarnessFault(f"{command[0]} {command[1]} took more than {seconds:g} s") from problem
    if asked.returncode != 0:
        raise HarnessFault(
            f"{command[0]} {command[1]}: {asked.stderr.strip()[-400:]}",
            remedy="Is a container engine running? `docker info` tells.",
        )
    return asked.stdout
