"""The launcher's own control API on loopback: how child processes reach links, processes and the recorder.

Links        GET /links, GET /links/NAME, POST /links/NAME/toxics {type, attributes, toxicity, stream},
             DELETE /links/NAME/toxics
Processes    GET /processes, GET /processes/NAME, POST /processes/NAME/(kill|pause|resume|restart)
Recorder     POST /recorder/fault {active}
Stubs        GET /stubs
"""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from harness.core.errors import HarnessProblem, UsageProblem

_LARGEST_BODY = 64 * 1024
_POLL_SECONDS = 0.02  # how long ending it takes


class Controlled(Protocol):
    """What the API acts on; see harness/target/launch.py."""

    def links(self) -> Sequence[str]:
        """Return the names of the links."""
        ...

    def link(self, name: str) -> Mapping[str, object]:
        """Return a link's address and counters."""
        ...

    def inject(self, name: str, toxic: Mapping[str, object]) -> Mapping[str, object]:
        """Put a toxic on a link."""
        ...

    def heal(self, name: str) -> Mapping[str, object]:
        """Take all toxics off a link."""
        ...

    def processes(self) -> Sequence[str]:
        """Return the names of the processes."""
        ...

    def process(self, name: str) -> Mapping[str, object]:
        """Return a process' state."""
        ...

    def signal(self, name: str, what: str) -> Mapping[str, object]:
        """Kill, pause, resume or restart a process."""
        ...

    def set_fault(self, *, active: bool) -> None:
        """Mark exchanges as made under a fault, or no longer."""
        ...

    def stubs(self) -> Mapping[str, str]:
        """Return the stubs' own URLs."""
        ...


Answer = Mapping[str, object] | Sequence[str]
Action = Callable[[Controlled, "re.Match[str]", Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    method: str
    path: re.Pattern[str]
    act: Action


def _set_fault(controlled: Controlled, _match: "re.Match[str]", body: Mapping[str, Any]) -> Answer:
    active = body.get("active")
    if not isinstance(active, bool):
        raise UsageProblem("active must be true or false")
    controlled.set_fault(active=active)
    return {"active": active}


_NAME = r"(?P<name>[A-Za-z0-9_-]+)"
_ROUTES = tuple(
    _Route(method=method, path=re.compile(path), act=act)
    for method, path, act in (
        ("GET", "/links", lambda it, _match, _body: it.links()),
        ("GET", f"/links/{_NAME}", lambda it, match, _body: it.link(match["name"])),
        ("POST", f"/links/{_NAME}/toxics", lambda it, match, body: it.inject(match["name"], body)),
        ("DELETE", f"/links/{_NAME}/toxics", lambda it, match, _body: it.heal(match["name"])),
        ("GET", "/processes", lambda it, _match, _body: it.processes()),
        ("GET", f"/processes/{_NAME}", lambda it, match, _body: it.process(match["name"])),
        (
            "POST",
            f"/processes/{_NAME}/(?P<what>kill|pause|resume|restart)",
            lambda it, match, _body: it.signal(match["name"], match["what"]),
        ),
        ("POST", "/recorder/fault", _set_fault),
        ("GET", "/stubs", lambda it, _match, _body: it.stubs()),
    )
)


class ControlServer:
    """Serves the API in threads of this process until it is stopped."""

    def __init__(self, controlled: Controlled, token: str) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, controlled, token))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="control API", daemon=True
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End, and close the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30.0

    def __init__(self, controlled: Controlled, token: str, *connection: Any) -> None:
        self._controlled = controlled
        self._token = token
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing: what is done here shows in the run's evidence."""

    def _handle(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST_BODY))
        if not compare_digest(self.headers.get("authorization", ""), f"Bearer {self._token}"):
            self._answer(401, {"detail": "The bearer token of this launch is needed."})
            return
        try:
            self._answer(200, _dispatch(self._controlled, self.command, self.path, body))
        except LookupError as problem:
            self._answer(404, {"detail": str(problem)})
        except UsageProblem as problem:
            self._answer(422, {"detail": problem.message, "remedy": problem.remedy})
        except HarnessProblem as problem:
            self._answer(503, {"detail": problem.message, "remedy": problem.remedy})

    def _answer(self, status: int, document: Answer) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _dispatch(controlled: Controlled, method: str, path: str, body: bytes) -> Answer:
    for route in _ROUTES:
        match = route.path.fullmatch(path)
        if match is not None and route.method == method:
            return route.act(controlled, match, _parsed(body))
    raise LookupError(f"nothing answers to {method} {path}")


def _parsed(body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError as problem:
        raise UsageProblem(f"the body is no JSON: {problem}") from problem
    if not isinstance(document, dict):
        raise UsageProblem("the body must be an object")
    return document
