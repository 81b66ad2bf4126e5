"""Between the verifier and the states: values are handed on, refusals kept, connections renewed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.layers.contracts.states import StateBridge, StateKind


class Control(ThreadingHTTPServer):
    """Sets states; it closes the connection without a word after each answer, as one that was idle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/states"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Control

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        status = 404 if asked["state"] == "nobody knows it" else 200
        content = json.dumps({"token": "t-1"} if asked["state"] == "a user" else {}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True


@pytest.fixture
def control() -> Iterator[Control]:
    server = Control()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_one_state_gave_is_a_parameter_of_the_next_although_the_connection_was_closed(
    control: Control,
) -> None:
    with StateBridge(control.url, StateKind.CONTROL) as bridge:
        first = bridge.change({"state": "a user", "action": "setup"})
        second = bridge.change({"state": "an order", "action": "setup", "params": {"total": 7}})

    assert first == second == (200, {"token": "t-1"})
    assert control.asked[1]["params"] == {"token": "t-1", "total": 7}
    assert bridge.problems == []


def test_a_state_that_is_refused_is_kept_with_its_reason(control: Control) -> None:
    with StateBridge(control.url, StateKind.CONTROL) as bridge:
        status, _ = bridge.change({"state": "nobody knows it", "action": "setup"})

    assert status == 422
    assert bridge.problems == [{"state": "nobody knows it", "reason": "answer 404: {}"}]


def test_a_target_that_does_not_listen_is_a_refusal_and_no_crash() -> None:
    with StateBridge("http://127.0.0.1:9/states", StateKind.CONTROL) as bridge:
        status, _ = bridge.change({"state": "a user", "action": "setup"})

    assert status == 422
    assert "ConnectionRefusedError" in bridge.problems[0]["reason"]
