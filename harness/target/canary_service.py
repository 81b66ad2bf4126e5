"""A tiny service in a good and in a bad variant: every layer must tell them apart before it is trusted.

Run it: `python -m harness.target.canary_service --port 9000 --variant bad`. The bad variant answers 500 where
its document promises an item, lets anybody read the secret, and takes 400 ms for what should be quick.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.error import URLError
from urllib.request import urlopen

from harness.core.errors import HarnessFault
from harness.core.spawn import Child, spawn

Variant = Literal["good", "bad"]

#: The token that opens the secret in the good variant.
TOKEN = "canary-token"  # noqa: S105 - it guards nothing
SLOW_SECONDS = 0.4

_ITEM = {
    "type": "object",
    "required": ["id", "name"],
    "additionalProperties": False,
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document; it is the same for both variants, only one of them keeps to it."""
    item = {"description": "An item.", "content": {"application/json": {"schema": _ITEM}}}
    problem = {"description": "A problem.", "content": {"application/problem+json": {"schema": {}}}}
    identity = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Canary", "version": "1"},
        "paths": {
            "/items/{id}": {
                "get": {
                    "operationId": "getItem",
                    "parameters": [identity],
                    "responses": {"200": item, "404": problem, "405": problem, "422": problem},
                }
            },
            "/secret": {
                "get": {
                    "operationId": "getSecret",
                    "security": [{"bearerAuth": []}],
                    "responses": {"200": item, "401": problem, "405": problem},
                }
            },
        },
        "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        path = self.path.split("?", 1)[0]
        if path == "/openapi.json":
            self._answer(200, document())
        elif path == "/slow":
            if self.server.is_bad:
                time.sleep(SLOW_SECONDS)  # being slow is what this path is for
            self._answer(200, {"id": 1, "name": "slow"})
        elif path == "/secret":
            self._secret()
        elif path.startswith("/items/"):
            self._item(path.removeprefix("/items/"))
        else:
            self._problem(404)

    def _item(self, identity: str) -> None:
        if not (identity.isascii() and identity.isdigit() and 1 <= int(identity[:6]) <= 1000):
            self._problem(422)
        elif self.server.is_bad:
            self._answer(500, {"name": 7})
        else:
            self._answer(200, {"id": int(identity), "name": "item"})

    def _secret(self) -> None:
        if self.server.is_bad or self.headers.get("Authorization") == f"Bearer {TOKEN}":
            self._answer(200, {"id": 1, "name": "secret"})
        else:
            self._problem(401, [("WWW-Authenticate", "Bearer")])

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._problem(405, [("Allow", "GET")])

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_HEAD = _refuse  # noqa: N815 - names that http.server calls

    def _problem(self, status: int, headers: list[tuple[str, str]] | None = None) -> None:
        body = {"type": "about:blank", "title": "Refused", "status": status}
        self._answer(status, body, "application/problem+json", headers)

    def _answer(
        self,
        status: int,
        body: dict[str, Any],
        media_type: str = "application/json",
        headers: list[tuple[str, str]] | None = None,
    ) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers or ():
            self.send_header(name, value)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what matters is who asked, not what was asked."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, *, is_bad: bool) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.is_bad = is_bad


@contextmanager
def canary_service(variant: Variant, scratch: Path) -> Iterator[str]:
    """Run a variant as a process of its own and yield its base URL."""
    announced = scratch / f"canary-{variant}.port"
    announced.unlink(missing_ok=True)
    child = spawn(
        [sys.executable, "-m", __name__, "--variant", variant, "--announce", str(announced)],
        log=scratch / f"canary-{variant}.log",
        name=f"canary-{variant}",
        redact=lambda line: line,
    )
    try:
        yield _wait_until_it_answers(child, announced)
    finally:
        child.kill()


def _wait_until_it_answers(child: Child, announced: Path, *, seconds: float = 15.0) -> str:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and child.is_running:
        if announced.is_file() and (port := announced.read_text(encoding="utf-8").strip()):
            url = f"http://127.0.0.1:{port}"
            try:
                with urlopen(f"{url}/openapi.json", timeout=5):  # noqa: S310 - our own loopback address
                    return url
            except URLError:
                pass  # bound, but not serving yet
        time.sleep(0.01)
    raise HarnessFault("the canary service did not start", remedy=f"its log: {child.tail(5) or 'empty'}")


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A tiny service in a good and in a bad variant.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--variant", choices=["good", "bad"], required=True)
    parser.add_argument("--announce", type=Path, help="write the port here once it is bound")
    options = parser.parse_args()
    with _Server(options.port, is_bad=options.variant == "bad") as server:
        if options.announce:
            part = options.announce.with_suffix(".part")
            part.write_text(str(server.server_port), encoding="utf-8")
            part.replace(options.announce)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        serving.join()


if __name__ == "__main__":
    main()
