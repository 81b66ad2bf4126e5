"""Stands between Pact's verifier and what sets provider states.

Pact hands every state of an interaction only its own parameters. Here the values that earlier states gave
(a token, an id) become parameters of the later ones, so that "a queued message" can belong to the user of
"a signed-in user". What a state refused is kept, because the verifier does not say it.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


class StateKind(StrEnum):
    """Whose states these are."""

    CONTROL = "control"
    STUB = "stub"


class StateBridge:
    """A state-change server on loopback; use it as a context manager."""

    def __init__(self, upstream: str, kind: str) -> None:
        self.problems: list[dict[str, str]] = []
        self._kind = StateKind(kind)
        self._values: dict[str, Any] = {}
        self._is_left = True
        self._caller = _Caller(upstream)
        self._server = _Server(self)

    @property
    def url(self) -> str:
        """Where the verifier calls."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/states"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._caller.close()

    def change(self, asked: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """Enter or leave a state; return the status and the values for the verifier."""
        state, action = str(asked.get("state", "")), str(asked.get("action", "setup"))
        if action == "teardown":
            self._is_left = True
        elif self._is_left:
            self._is_left = False
            self._values = {}
        if not state:
            return 200, {}
        params = asked.get("params") or {}
        try:
            answer = self._call(state, action, params)
        except (HTTPException, OSError) as problem:
            return self._refused(state, f"{type(problem).__name__}: {problem}")
        if answer.status >= 300:
            return self._refused(state, f"answer {answer.status}: {answer.text[:300]}")
        if action == "teardown":
            return 200, {}
        self._values |= answer.members
        return 200, self._values

    def _call(self, state: str, action: str, params: Mapping[str, Any]) -> "_Answer":
        match self._kind:
            case StateKind.CONTROL:
                body = {"state": state, "action": action, "params": {**self._values, **params}}
                return self._caller.call("POST", "", body)
            case StateKind.STUB:
                if action == "teardown":
                    return self._caller.call("DELETE", "/__stub/requests")
                return self._caller.call("POST", "/__stub/mode", dict(params))

    def _refused(self, state: str, reason: str) -> tuple[int, Mapping[str, Any]]:
        self._is_left = True  # a failed state is not torn down; what comes next is another interaction
        self.problems.append({"state": state, "reason": reason})
        return 422, {"error": reason}  # the verifier repeats a state change for ever on a 5xx


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    text: str

    @property
    def members(self) -> dict[str, Any]:
        """The values that a state gave, when it gave some."""
        try:
            content = json.loads(self.text)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


class _Caller:
    """Asks one upstream over one connection.

    There are two calls for every interaction, and a client of more comfort takes as long over one as the
    verifier over the interaction.
    """

    def __init__(self, upstream: str) -> None:
        url = urlsplit(upstream)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        self._connection = kind(url.hostname or "", url.port, timeout=10.0)
        self._path = url.path.rstrip("/")
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: object = None) -> _Answer:
        """Return the answer; a connection that was closed in the meantime is opened again, once."""
        content = None if body is None else json.dumps(body).encode()
        with self._lock:
            try:
                return self._ask(method, path, content)
            except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.close()
                return self._ask(method, path, content)
            except (HTTPException, OSError):
                self._connection.close()
                raise

    def _ask(self, method: str, path: str, content: bytes | None) -> _Answer:
        headers = {} if content is None else {"Content-Type": "application/json"}
        self._connection.request(method, f"{self._path}{path}" or "/", content, headers)
        answer = self._connection.getresponse()
        return _Answer(status=answer.status, text=answer.read().decode("utf-8", "replace"))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bridge: StateBridge) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bridge = bridge


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, values = self.server.bridge.change(json.loads(raw))
        content = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
