"""Real processes that die without warning: what was acknowledged is delivered all the same."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from reference_impl.hub.worker import WorkerLimits

ACKNOWLEDGED = 120
LEASE = 1.0
PATIENCE = 60.0


class Receiver(BaseHTTPRequestHandler):
    """Takes every webhook and counts it."""

    taken: ClassVar[Counter[str]]
    changed: ClassVar[threading.Condition]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        with self.changed:
            self.taken[self.headers["webhook-id"]] += 1
            self.changed.notify_all()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[tuple[type[Receiver], int]]:
    class Own(Receiver):
        taken: ClassVar[Counter[str]] = Counter()
        changed: ClassVar[threading.Condition] = threading.Condition()

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Own, server.server_port
        server.shutdown()
        thread.join()


Launch = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def launch(tmp_path: Path, receiver: tuple[type[Receiver], int]) -> Iterator[Launch]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORE_")}
    environment |= {
        "CORE_DATA_DIR": str(tmp_path / "data"),
        "CORE_CONTROL": "on",
        "CORE_RATE_SCALE": "1000",
        "CORE_EMBEDDED_WORKER": "off",
        "CORE_HUB_LEASE_SECONDS": str(LEASE),
        "CORE_WEBHOOK_ALLOW": f"127.0.0.1:{receiver[1]}",
    }
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            log = stack.enter_context((tmp_path / f"{len(list(tmp_path.iterdir()))}.log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", "reference_impl.cli", *arguments],
                env=environment,
                stdout=log,
                stderr=log,
            )
            stack.callback(_kill, process)
            return process

        yield start


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def sign_in(url: str, server: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers, then return a user's token."""
    deadline = time.monotonic() + PATIENCE
    state = {"state": "a signed-in user", "action": "setup", "params": {}}
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(httpx.TransportError):
            answer = httpx.post(f"{url}/_control/states", json=state, trust_env=False, timeout=10.0)
            if answer.status_code == 200:
                return str(answer.json()["token"])
        time.sleep(0.05)
    pytest.fail("the server did not start")


def enqueue_until_death(url: str, token: str, to: str, kill_at: Callable[[int], None]) -> set[str]:
    """Send from several threads until the server is gone; returns what was acknowledged."""
    acknowledged: set[str] = set()

    def send() -> None:
        body = {"channel": "webhook", "to": to, "text": "do not lose me"}
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(trust_env=False, timeout=10.0, headers=headers) as client:
            while True:
                try:
                    answer = client.post(f"{url}/api/hub/messages", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code == 202, answer.text
                acknowledged.add(json.loads(answer.content)["id"])
                kill_at(len(acknowledged))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return acknowledged


@pytest.mark.timeout(150)
def test_nothing_acknowledged_is_lost_when_server_and_worker_are_killed(
    launch: Launch, receiver: tuple[type[Receiver], int]
) -> None:
    seen, receiver_port = receiver
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = launch("serve", "--port", str(port))
    token = sign_in(url, server)

    def kill_server(count: int) -> None:
        if count >= ACKNOWLEDGED:
            server.kill()

    acknowledged = enqueue_until_death(url, token, f"http://127.0.0.1:{receiver_port}/", kill_server)
    worker = launch("worker")
    with seen.changed:
        assert seen.changed.wait_for(lambda: len(seen.taken) >= ACKNOWLEDGED // 3, PATIENCE)
    worker.kill()
    worker.wait()
    held = ACKNOWLEDGED - len(seen.taken)
    launch("worker")
    with seen.changed:
        complete = seen.changed.wait_for(lambda: acknowledged <= set(seen.taken), PATIENCE)

    repeated = sum(count - 1 for count in seen.taken.values())
    assert complete, f"{len(acknowledged - set(seen.taken))} of {len(acknowledged)} were lost"
    assert len(acknowledged) >= ACKNOWLEDGED
    assert held > 0, "the worker was killed too late to show anything"
    assert repeated <= WorkerLimits().slots
