"""A credential that dies in mid-run is noticed, and renewed or said; the target is not to blame for it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_bad_input import harness

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]

_OK = {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}}
_PARAMETER = {"name": "n", "in": "query", "schema": {"type": "integer"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "short-lived", "version": "1"},
    "paths": {
        path: {"get": {"security": [{"bearer": []}], "parameters": [_PARAMETER], "responses": _OK}}
        for path in ("/me", "/things", "/other")
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


class ShortLived:
    """Tokens that are good for so many requests, then 401, which is documented nowhere. Others are let in."""

    def __init__(self, uses: int) -> None:
        self._uses = uses
        self._numbers = count(1)
        self._left: dict[str, int] = {"given-token-0000": uses}
        self._lock = threading.Lock()
        self.logins = 0

    def log_in(self) -> str:
        with self._lock:
            self.logins += 1
            token = f"given-token-{next(self._numbers):04}"
            self._left[token] = self._uses
            return token

    def lets_in(self, token: str) -> bool:
        with self._lock:
            if token not in self._left:
                return True
            self._left[token] -= 1
            return self._left[token] >= 0


@contextmanager
def serving(tokens: ShortLived) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if self.path == "/openapi.json":
                self._answer(200, DOCUMENT)
            elif self.path.split("?")[0] not in DOCUMENT["paths"]:
                self._answer(404, {})
            elif tokens.lets_in(token):
                self._answer(200, {"id": "1"})
            else:
                self._answer(401, {})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(200, {"access_token": tokens.log_in()})

        def _answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


LOGIN = """
[login]
path = "/login"
body = { user = "{username}", password = "{secret}" }
whoami = "/me"
[[identities]]
name = "alice"
username = "alice"
secret = "alices-password"
"""
BEARER = """
[[identities]]
name = "alice"
kind = "bearer"
secret = "given-token-0000"
"""

Fuzzed = Callable[[ShortLived, str], list[dict[str, Any]]]


@pytest.fixture
def fuzzed(tmp_path: Path) -> Fuzzed:
    def of(tokens: ShortLived, identities: str) -> list[dict[str, Any]]:
        with serving(tokens) as url:
            (tmp_path / "t.toml").write_text(f'name = "t"\nbase_url = "{url}"\n{identities}')
            harness("run", "t.toml", "--depth", "quick", "--layer", "fuzz", "--out", "out", cwd=tmp_path)
        return [json.loads(line) for line in (tmp_path / "out/findings.ndjson").read_text().splitlines()]

    return of


def failed(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    about_401 = {"api.status-codes-documented", "api.valid-requests-accepted", "docs.success-observed"}
    return [
        (item["requirement"], item["subject"], item["seen"])
        for item in findings
        if item["outcome"] == "fail" and item["requirement"] in about_401 and "401" in item["seen"]
    ]


def test_who_can_sign_in_again_does_and_the_layer_goes_on(fuzzed: Fuzzed) -> None:
    tokens = ShortLived(uses=25)

    findings = fuzzed(tokens, LOGIN)

    assert tokens.logins > 2
    assert failed(findings) == []


def test_a_token_that_nobody_can_renew_is_said_to_have_died(fuzzed: Fuzzed) -> None:
    findings = fuzzed(ShortLived(uses=25), BEARER)

    assert failed(findings) == []
    assert "credential-died" in {item["reason"] for item in findings}
