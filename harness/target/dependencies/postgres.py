"""A PostgreSQL server of our own, from the binaries on PATH; it does not run as root, so root steps down."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from harness.core.errors import HarnessFault
from harness.core.spawn import Child, run_tool, spawn
from harness.core.target import Dependency
from harness.target.dependencies.started import Place, Started
from harness.target.ports import free_port
from harness.target.waiting import wait_until_ready

_PROGRAMS = ("initdb", "postgres", "pg_isready")
_SECONDS = 30.0
_USER = "harness"


def start(dependency: Dependency, place: Place) -> Started:
    """Start a server on loopback with a fresh cluster and a password of its own."""
    programs = _programs()
    directory = place.directory / dependency.name
    directory.mkdir(parents=True)
    password = secrets.token_urlsafe(18)
    place.redactor.learn(password, kind="password")
    as_user = _stepped_down(place.directory, directory)
    _make_cluster([*as_user, programs["initdb"]], place.log(f"{dependency.name}-initdb"), directory, password)
    port = free_port()
    child = spawn(
        [
            *as_user, programs["postgres"], "-D", str(directory / "cluster"), "-p", str(port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={directory}",
        ],
        log=place.log(dependency.name),
        name=f"dependency {dependency.name}",
        env=dependency.env,
        redact=place.redactor.bytes,
    )  # fmt: skip
    ready = [programs["pg_isready"], "-q", "-h", "127.0.0.1", "-p", str(port)]
    wait_until_ready(
        child,
        lambda: subprocess.run(ready, check=False, timeout=5).returncode == 0,
        url=f"postgresql://127.0.0.1:{port}",
        seconds=_SECONDS,
    )
    return Started(
        host="127.0.0.1",
        port=port,
        url=f"postgresql://{_USER}:{password}@{{address}}/postgres",
        stop=lambda: _end(child),
        child=child,
    )


def _end(child: Child) -> None:
    child.stop(grace=5.0)  # SIGINT is PostgreSQL's fast shutdown


def _programs() -> dict[str, str]:
    found = {name: shutil.which(name) for name in _PROGRAMS}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise HarnessFault(
            f"a dependency of kind postgres needs {', '.join(missing)} on PATH",
            remedy='Install PostgreSQL, or use kind = "url" with one that runs already.',
        )
    return {name: path for name, path in found.items() if path is not None}


def _stepped_down(outer: Path, directory: Path) -> list[str]:
    """Return what stands before a command so that it runs as the system's own database user."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise HarnessFault("PostgreSQL does not run as root, and setpriv is not there to step down")
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise HarnessFault("PostgreSQL does not run as root, and there is no user postgres") from None
    os.chown(directory, user.pw_uid, user.pw_gid)
    outer.chmod(0o711)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _make_cluster(initdb: list[str], log: Path, directory: Path, password: str) -> None:
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="utf-8")
    owner = directory.stat()
    os.chown(secret, owner.st_uid, owner.st_gid)
    end = run_tool(
        [
            *initdb, "-D", str(directory / "cluster"), "-U", _USER, f"--pwfile={secret}",
            "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--no-instructions",
        ],
        seconds=60.0,
        log=log,
        name="initdb",
        redact=lambda line: line,  # it is told no secret but by file
    )  # fmt: skip
    secret.unlink()
    if end.exit_code != 0:
        raise HarnessFault(f"initdb ended with exit code {end.exit_code}", remedy=f"Its log is {log}.")
