"""The commands as real processes: start, drain, sudden death, and two processes that share the work."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

START_SECONDS = 90.0
Launch = Callable[..., "Launched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=10.0)

    def token(self) -> str:
        """An access token, from the provider state that signs somebody in."""
        made = httpx.post(
            f"{self.url}/_control/states",
            json={"state": "a signed-in user", "action": "setup"},
            trust_env=False,
            timeout=10.0,
        )
        return str(made.json()["token"])

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with suppress(httpx.TransportError):
                if self.get("/health/ready").status_code == 200:
                    return
        pytest.fail(f"not ready in time: {self.log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORE_", "PYTHONDONT"))}
    return kept | dict(given)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    with ExitStack() as stack:

        def start(*arguments: str, command: str = "serve", **environment: str) -> Launched:
            port = _free_port()
            log = tmp_path / f"{port}.log"
            words = [sys.executable, "-m", "reference_impl.cli", command]
            if command == "serve":
                words += ["--port", str(port)]
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*words, "--data-dir", str(tmp_path / "data"), *arguments],
                    env=_environment(environment),
                    stdout=output,
                    stderr=output,
                )
            stack.callback(_end, process)
            return Launched(process=process, url=f"http://127.0.0.1:{port}", log=log)

        yield start


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def test_sudden_death_leaves_no_orphan_and_the_next_start_takes_over(launch: Launch) -> None:
    first = launch()
    first.wait_until_ready()
    children = psutil.Process(first.process.pid).children(recursive=True)
    names = {child.name() for child in children}

    first.process.kill()
    first.process.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    second = launch()
    second.wait_until_ready()

    assert any("valkey" in name for name in names)
    assert alive == []
    assert second.get("/health/ready").json()["dependencies"]["redis"]["status"] == "up"


def test_a_request_under_way_is_answered_before_the_server_ends(launch: Launch) -> None:
    server = launch()
    server.wait_until_ready()
    host, port = server.url.removeprefix("http://").split(":")
    body = b'{"email": "a@example.org", "password": "x"}'

    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
        server.get("/health/live")  # answered after our half request arrived
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(body[5:])
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 4")
    assert server.process.wait(15) == 0


def test_an_open_event_stream_does_not_hold_up_the_end(launch: Launch) -> None:
    server = launch(CORE_CONTROL="on", CORE_DRAIN_SECONDS="60")
    server.wait_until_ready()
    headers = {"Authorization": f"Bearer {server.token()}"}

    with httpx.stream(
        "GET", f"{server.url}/api/circuit-breakers/events", headers=headers, trust_env=False, timeout=10.0
    ) as stream:
        lines = stream.iter_lines()
        first = next(lines)
        server.process.send_signal(signal.SIGTERM)
        rest = list(lines)

    assert first.startswith("retry:")
    assert isinstance(rest, list)
    assert server.process.wait(15) == 0


def test_a_worker_does_what_a_server_without_workers_accepts(launch: Launch) -> None:
    server = launch(CORE_CONTROL="on", CORE_EMBEDDED_WORKER="off")
    server.wait_until_ready()
    headers = {"Authorization": f"Bearer {server.token()}"}
    accepted = httpx.post(
        f"{server.url}/api/hub/messages",
        json={"channel": "webhook", "to": "https://receiver.invalid/h", "text": "hi"},
        headers=headers,
        trust_env=False,
        timeout=10.0,
    )
    path = f"/api/hub/messages/{accepted.json()['id']}"
    waiting = server.get(path, **headers).json()["attempts"]

    worker = launch(command="worker")
    deadline = time.monotonic() + START_SECONDS
    attempts = 0
    while not attempts and time.monotonic() < deadline:
        attempts = server.get(path, **headers).json()["attempts"]
    worker.process.send_signal(signal.SIGTERM)

    assert accepted.status_code == 202
    assert (waiting, attempts > 0) == (0, True)
    assert worker.process.wait(15) == 0


def test_a_dead_redis_comes_back_by_itself(launch: Launch) -> None:
    server = launch()
    server.wait_until_ready()
    tree = psutil.Process(server.process.pid).children(recursive=True)
    valkey = [child for child in tree if "valkey-server" in child.name()]

    valkey[0].kill()
    psutil.wait_procs(valkey, timeout=10)
    deadline = time.monotonic() + 10
    state = ""
    while state != "up" and time.monotonic() < deadline:
        state = server.get("/health/ready").json()["dependencies"]["redis"]["status"]

    assert state == "up"
    assert server.process.poll() is None


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {"CORE_DEFECTS": "anything"}, "CORE_CONTROL is not on"),
        ((), {"CORE_DEFECTS": "no-such", "CORE_CONTROL": "on"}, "no-such"),
        (("--only", "hubb"), {}, "Did you mean 'hub'"),
        ((), {"CORE_PUBLIC_URL": "ftp://x"}, "CORE_PUBLIC_URL"),
        ((), {"CORE_RATE_SCALE": "much"}, "CORE_RATE_SCALE"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_a_reason(
    launch: Launch, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    started = launch(*arguments, **environment)

    assert started.process.wait(START_SECONDS) == 2
    assert said in started.log.read_text()


def test_two_processes_share_the_services(launch: Launch) -> None:
    public = {"CORE_PUBLIC_URL": "http://core.test", "CORE_CONTROL": "on"}
    hub = launch("--only", "hub", **public, CORE_TRUSTED_PROXIES="127.0.0.1")
    hub.wait_until_ready()
    front = launch("--only", "gateway,auth", **public, CORE_SERVICES__HUB=hub.url)
    front.wait_until_ready()
    token = front.token()

    through = front.get("/api/hub/queues", Authorization=f"Bearer {token}")
    without = front.get("/api/hub/queues")
    elsewhere = hub.get("/auth/me", Authorization=f"Bearer {token}")

    assert (through.status_code, without.status_code, elsewhere.status_code) == (200, 401, 404)
    hub.process.kill()
    hub.process.wait()
    assert front.get("/api/hub/queues", Authorization=f"Bearer {token}").status_code == 503
    assert front.get("/auth/me", Authorization=f"Bearer {token}").status_code == 200
