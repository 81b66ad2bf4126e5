"""What every stub shares: an HTTP server that answers by a mode set over HTTP and remembers what it was sent.

`POST /__stub/mode` with `{"mode": "error", "path": "/hooks/one", "status": 503}` sets how the stub answers
(`path` is a prefix and may be left out); `GET /__stub/requests?path=` shows what came; `DELETE
/__stub/requests` forgets requests and modes; `GET /__stub/health` answers once the stub is up.
"""

import argparse
import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MODES = ("ok", "error", "garbage", "slow", "rate-limited", "redirect", "flaky")
_CONTROL = "/__stub/"
_LARGEST_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, its name in any case, or the empty string."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How requests under a path are answered; `failures_left` counts a flaky stub down."""

    kind: str = "ok"
    path: str = ""
    status: int = 500
    seconds: float = 30.0
    retry_after: str = "1"
    location: str = ""
    failures_left: int = 0


class BadMode(Exception):
    """A mode nobody knows, or one whose parameters make no sense."""


def json_answer(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status=status, body=json.dumps(document).encode(), headers=headers or {})


def parse_mode(document: Mapping[str, Any]) -> Mode:
    """Read the body of `POST /__stub/mode`; `flaky:3` fails three times and then answers as it should."""
    kind, _, count = str(document.get("mode", "")).partition(":")
    if kind not in MODES:
        raise BadMode(f"unknown mode {kind!r}; known: {', '.join(MODES)}")
    unknown = set(document) - {"mode", "path", "status", "seconds", "retry_after", "location"}
    if unknown:
        raise BadMode(f"unknown members: {', '.join(sorted(unknown))}")
    if kind == "flaky" and not count.isdigit():
        raise BadMode("flaky needs a count, as in flaky:2")
    if kind == "redirect" and not document.get("location"):
        raise BadMode("redirect needs a location")
    return Mode(
        kind=kind,
        path=str(document.get("path", "")),
        status=int(document.get("status", HTTPStatus.SERVICE_UNAVAILABLE if kind == "flaky" else 500)),
        seconds=float(document.get("seconds", 30.0)),
        retry_after=str(document.get("retry_after", "1")),
        location=str(document.get("location", "")),
        failures_left=int(count or 0),
    )


class Journal:
    """The modes in force and the requests that came, safe over threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._modes: dict[str, Mode] = {}
        self._requests: list[dict[str, object]] = []

    def set_mode(self, mode: Mode) -> None:
        """Let a mode rule everything under its path until another one of that path replaces it."""
        with self._lock:
            self._modes[mode.path] = mode

    def mode_for(self, path: str) -> Mode:
        """Return the mode of the longest matching prefix, counting a flaky one down."""
        with self._lock:
            matching = [prefix for prefix in self._modes if path.startswith(prefix)]
            if not matching:
                return Mode()
            mode = self._modes[max(matching, key=len)]
            if mode.kind != "flaky":
                return mode
            if mode.failures_left == 0:
                return Mode()
            self._modes[mode.path] = replace(mode, failures_left=mode.failures_left - 1)
            return mode

    def remember(self, request: Request, mode: Mode, answer: Answer, notes: Mapping[str, object]) -> None:
        """Keep what came, in order."""
        record: dict[str, object] = {
            "method": request.method,
            "path": request.path,
            "query": {name: list(values) for name, values in request.query.items()},
            "headers": dict(request.headers),
            "body": request.body.decode("utf-8", errors="replace"),
            "body_base64": base64.b64encode(request.body).decode(),
            "mode": mode.kind,
            "status": answer.status,
            "received_at": time.time(),
            **notes,
        }
        with self._lock:
            self._requests.append(record)

    def requests(self, prefix: str) -> Sequence[Mapping[str, object]]:
        """Return what came under a path, oldest first."""
        with self._lock:
            return [each for each in self._requests if str(each["path"]).startswith(prefix)]

    def clear(self) -> None:
        """Forget requests and modes."""
        with self._lock:
            self._requests.clear()
            self._modes.clear()


#: Answers a request in mode ok, and says what is worth remembering of it beside the request itself.
Respond = Callable[[Request], tuple[Answer, Mapping[str, object]]]
#: How this service words a failure of its own.
Fail = Callable[[int, Mapping[str, str]], Answer]


def answer_in_mode(mode: Mode, good: Answer, fail: Fail) -> Answer:
    """Bend a right answer as the mode says; a wrong request keeps its refusal whatever the mode."""
    if good.status >= 400 or mode.kind in {"ok", "slow"}:
        return good
    match mode.kind:
        case "garbage":
            return Answer(body=b'{"results": [{"title": "cut o', media_type="application/json")
        case "rate-limited":
            return fail(HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": mode.retry_after})
        case "redirect":
            return Answer(status=HTTPStatus.FOUND, headers={"Location": mode.location})
        case _:
            return fail(mode.status, {})


class _Handler(BaseHTTPRequestHandler):
    """Routes control calls and bends everything else by the mode."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "StubServer"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet: the journal is the log."""

    def _any(self) -> None:
        request = self._read()
        if request.path.startswith(_CONTROL):
            self._send(self._control(request))
            return
        journal = self.server.journal
        mode = journal.mode_for(request.path)
        good, notes = self.server.respond(request)
        answer = answer_in_mode(mode, good, self.server.fail)
        journal.remember(request, mode, answer, notes)
        if mode.kind == "slow" and self.server.closing.wait(mode.seconds):
            return
        self._send(answer)

    do_GET = do_HEAD = do_POST = _any  # noqa: N815 - http.server looks handlers up by these names
    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any  # noqa: N815 - as above

    def _read(self) -> Request:
        split = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), _LARGEST_BODY)
        return Request(
            method=self.command,
            path=split.path,
            query={name: tuple(values) for name, values in parse_qs(split.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def _control(self, request: Request) -> Answer:
        journal = self.server.journal
        match (request.method, request.path.removeprefix(_CONTROL)):
            case ("GET", "health"):
                return json_answer({"status": "up"})
            case ("GET", "requests"):
                prefix = request.query.get("path", ("",))[0]
                return json_answer({"requests": journal.requests(prefix)})
            case ("DELETE", "requests"):
                journal.clear()
                return json_answer({"cleared": True})
            case ("POST", "mode"):
                try:
                    mode = parse_mode(json.loads(request.body))
                except (BadMode, ValueError, AttributeError) as error:
                    return json_answer({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
                journal.set_mode(mode)
                return json_answer({"mode": mode.kind, "path": mode.path})
            case _:
                return json_answer({"error": "no such control call"}, status=HTTPStatus.NOT_FOUND)

    def _send(self, answer: Answer) -> None:
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller's time limit passed: that is what slow is for


class StubServer(ThreadingHTTPServer):
    """A stub that listens on loopback; `respond` knows the service, this class knows the modes."""

    # With the default of five, a burst of connections loses one, and its second try comes a second later.
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, *, respond: Respond, fail: Fail) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.journal = Journal()
        self.respond = respond
        self.fail = fail
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_close(self) -> None:
        """Stop listening and let slow answers go."""
        self.closing.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away in the middle of a request is no event; chaos does it all the time."""


def serve(description: str, build: Callable[[int], StubServer]) -> None:
    """Run a stub from the command line until it is ended."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True, help="port on loopback; 0 picks one")
    server = build(parser.parse_args().port)
    print(server.url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
