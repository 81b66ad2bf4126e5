"""A PostgreSQL server of our own, from what is installed; it does not run as root, so root steps down.

Its cluster has a directory of its own outside the launch's, because the account that a root steps down to may
not enter that one.
"""

import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import HarnessFault
from harness.core.spawn import at_loss, log_tail, run_tool, spawn
from harness.core.target import Dependency
from harness.target.dependencies.started import Place, Started
from harness.target.ports import free_port
from harness.target.waiting import wait_until_ready

_PROGRAMS = ("initdb", "postgres", "pg_isready")
_SECONDS = 30.0
_USER = "harness"
#: Where systems put what is not on PATH: Debian, Red Hat, Homebrew.
OFF_PATH = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
#: Accounts that a root steps down to, the best first; one without an entry of its own cannot own a cluster.
_ACCOUNTS = ("postgres", "nobody")

REMEDY = (
    "Install PostgreSQL (Debian: apt-get install postgresql), put its programs on PATH, "
    'or use kind = "url" with one that runs already.'
)


def installed() -> Path | None:
    """Return the folder that holds every program of one installation: on PATH, else the newest elsewhere."""
    on_path = (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    for folder in (*on_path, *_newest_first(OFF_PATH)):
        if all(os.access(folder / program, os.X_OK) for program in _PROGRAMS):
            return folder
    return None


def _newest_first(patterns: Iterable[str]) -> list[Path]:
    found = [path for pattern in patterns for path in Path("/").glob(pattern.removeprefix("/"))]
    return sorted(found, key=_version, reverse=True)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(folder)))


def start(dependency: Dependency, place: Place) -> Started:
    """Start a server on loopback with a fresh cluster and a password of its own."""
    programs = _programs()
    account = _account()
    password = secrets.token_urlsafe(18)
    place.redactor.learn(password, kind="password")
    with ExitStack() as undo:
        directory = _directory(account, undo)
        _make_cluster(
            [*account.step_down, str(programs / "initdb")],
            place.log(f"{dependency.name}-initdb"),
            _password_file(directory, account, password),
        )
        port = free_port()
        child = spawn(
            [
                *account.step_down, str(programs / "postgres"), "-D", str(directory / "cluster"),
                "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                # In files: a kill would leave what is in shared memory there until the next boot.
                "-c", "dynamic_shared_memory_type=mmap",
            ],
            log=place.log(dependency.name),
            name=f"dependency {dependency.name}",
            env=dependency.env,
            cwd=directory,
            redact=place.redactor.bytes,
        )  # fmt: skip
        undo.callback(child.stop, 5.0)  # SIGINT is PostgreSQL's fast shutdown
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until_ready(
            child,
            lambda: subprocess.run(ready, check=False, timeout=5).returncode == 0,
            url=f"postgresql://127.0.0.1:{port}",
            seconds=_SECONDS,
        )
        undo.callback(at_loss(["ipcrm", "-m", _shared_memory(directory / "cluster")]))
        stop = undo.pop_all().close
    return Started(
        host="127.0.0.1",
        port=port,
        url=f"postgresql://{_USER}:{password}@{{address}}/postgres",
        stop=stop,
        child=child,
    )


def _programs() -> Path:
    found = installed()
    if found is None:
        raise HarnessFault(
            f"a dependency of kind postgres needs {', '.join(_PROGRAMS)} of one installation, "
            "and neither PATH nor a usual place has them",
            remedy=REMEDY,
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """Whom the server runs as; `step_down` stands before a command and is empty when nobody is to change."""

    uid: int
    gid: int
    step_down: tuple[str, ...] = ()


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account(uid=os.getuid(), gid=os.getgid())
    if shutil.which("setpriv") is None:
        raise HarnessFault(
            "PostgreSQL does not run as root, and setpriv is not there to step down",
            remedy="Install util-linux, or run the harness as another user.",
        )
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        uid, gid = entry.pw_uid, entry.pw_gid
        step_down = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
        return _Account(uid=uid, gid=gid, step_down=step_down)
    raise HarnessFault(
        f"PostgreSQL does not run as root, and there is no account {' or '.join(_ACCOUNTS)}",
        remedy="Run the harness as another user.",
    )


def _directory(account: _Account, undo: ExitStack) -> Path:
    """Make the server's own folder, which goes when the server does, or when we are killed."""
    directory = Path(tempfile.mkdtemp(prefix="harness-postgres-"))
    undo.callback(at_loss(["rm", "-rf", str(directory)]))
    undo.callback(shutil.rmtree, directory, ignore_errors=True)
    os.chown(directory, account.uid, account.gid)
    return directory


def _password_file(directory: Path, account: _Account, password: str) -> Path:
    file = directory / "password"
    file.touch(mode=0o600)
    file.write_text(password, encoding="utf-8")
    os.chown(file, account.uid, account.gid)
    return file


def _shared_memory(cluster: Path) -> str:
    """Return the id of the one segment that no setting does without: the seventh line is its key and it."""
    return (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()[6].split()[1]


def _make_cluster(initdb: list[str], log: Path, secret: Path) -> None:
    end = run_tool(
        [
            *initdb, "-D", str(secret.parent / "cluster"), "-U", _USER, f"--pwfile={secret}",
            "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
        ],
        seconds=60.0,
        log=log,
        name="initdb",
        cwd=secret.parent,
        redact=lambda line: line,  # it is told no secret but by file
    )  # fmt: skip
    secret.unlink()
    if end.exit_code != 0:
        last = log_tail(log, 1)
        raise HarnessFault(
            f"initdb ended with exit code {end.exit_code}: {last}",
            remedy=f"Its log is {log}. The server needs a folder that its account may enter: "
            "TMPDIR names another place for it.",
        )
