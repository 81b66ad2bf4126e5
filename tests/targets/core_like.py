"""A tiny service with the paths of the shipped load profile, slow or failing when it is told to be."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

_ANSWERS: dict[tuple[str, str], tuple[int, dict[str, object]]] = {
    ("POST", "/auth/register"): (202, {"status": "accepted"}),
    ("POST", "/auth/login"): (200, {"access_token": "load-token-for-tests"}),
    ("POST", "/api/hub/messages"): (202, {"id": "msg_1"}),
    ("GET", "/api/search/web"): (200, {"results": []}),
    ("POST", "/graphql"): (200, {"data": {"documents": {"edges": []}}}),
    ("GET", "/api/circuit-breakers/status"): (200, {"breakers": []}),
}


class CoreLikeServer(ThreadingHTTPServer):
    """Answers after `delay` seconds; every answer of a path in `failing` is a 500."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, delay: float = 0.0, failing: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.delay = delay
        self.failing = failing
        self.closing = threading.Event()
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: CoreLikeServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.server.asked.append((self.command, path))
        if self.server.delay:
            self.server.closing.wait(self.server.delay)
        status, body = _ANSWERS.get((self.command, path), (404, {"status": 404}))
        if path in self.server.failing:
            status, body = 500, {"status": 500}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815 - http.server looks handlers up by these names
