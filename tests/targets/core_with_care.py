"""A tiny service with the paths that the chaos experiments use, and a policy for each fault they inject.

The file that CARE_WITHOUT names lists the policies that are left out, and is read at every use: so one launch
shows what a fault does with all the care, and what it does without one piece of it. Run it:
`core_with_care.py serve --port N --data-dir D` and `core_with_care.py worker --data-dir D`.
"""

import argparse
import json
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from http.client import HTTPException, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_READ_SECONDS = 0.3
_DEADLINE_SECONDS = 0.6
_FAILURES_TO_OPEN = 5
_COOLDOWN_SECONDS = 30.0
#: So old is a message when a careless server writes it down, and so often all look around.
_UNWRITTEN_SECONDS = 0.25
_LOOK_SECONDS = 0.05
#: So long a careless worker holds what it took before it delivers it.
_HELD_SECONDS = 1.0
_LEASE_SECONDS = 1.0


class Care(StrEnum):
    """The policies; each can be left out."""

    FALLBACK = "search falls back to an empty answer that says so"
    BREAKER = "a breaker opens in front of a provider that fails"
    BREAKER_PROBES = "an open breaker lets a call through after its cool-down"
    READ_LIMIT = "no single read of the provider takes for ever"
    DEADLINE = "all of the provider's answer comes before a deadline"
    WHOLE_ANSWER = "an answer that breaks off is a failure of the provider"
    REDIS_CONTAINED = "without Redis the answer says when to come back"
    REDIS_LIMIT = "no command to Redis takes for ever"
    REDIS_WHOLE_REPLY = "a reply of Redis is read to its end"
    REDIS_RECONNECT = "a broken connection to Redis is replaced"
    HONEST_HEALTH = "readiness names what is down"
    HONEST_METRICS = "a metric shows what is down"
    WRITTEN_FIRST = "a message is written down before it is acknowledged"
    REMOVED_LAST = "a message is removed after it was delivered"
    LEASE_TAKEN_AGAIN = "a worker that lost its lease takes it again"

    @property
    def is_kept(self) -> bool:
        """Whether it was not left out."""
        return self.name not in Path(os.environ["CARE_WITHOUT"]).read_text().split()


class Trouble(Exception):
    """What is asked for cannot be had now."""


class Breaker:
    """Counts failures in a row; open, it lets nothing through until its cool-down is over."""

    def __init__(self) -> None:
        self.failures = 0
        self.clock_offset = 0.0
        self._opened = 0.0

    @property
    def is_open(self) -> bool:
        return self.failures >= _FAILURES_TO_OPEN and Care.BREAKER.is_kept

    def call(self, what: Callable[[], bytes]) -> bytes:
        """Return what it returns; raises Trouble when it fails or may not be tried."""
        has_waited = self._now() - self._opened > _COOLDOWN_SECONDS and Care.BREAKER_PROBES.is_kept
        if self.is_open and not has_waited:
            raise Trouble("the breaker is open")
        try:
            answer = what()
        except (OSError, HTTPException, ValueError) as problem:
            self.failures += 1
            self._opened = self._now()
            raise Trouble(type(problem).__name__) from problem
        self.failures = 0
        return answer

    def _now(self) -> float:
        return time.monotonic() + self.clock_offset


class Redis:
    """One connection for everybody."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._connection: socket.socket | None = None
        self._is_broken = False

    def ping(self) -> None:
        """Raise Trouble unless it answers; a connection that broke meanwhile is replaced."""
        with self._guard:
            problem = self._tried()
            if isinstance(problem, ConnectionError) and Care.REDIS_RECONNECT.is_kept:
                problem = self._tried()
        if problem is not None:
            raise Trouble(str(problem)) from problem

    def _tried(self) -> OSError | None:
        try:
            self._exchange(self._connected())
        except OSError as problem:
            self._is_broken = True
            return problem
        return None

    def _connected(self) -> socket.socket:
        limit = _READ_SECONDS if Care.REDIS_LIMIT.is_kept else None
        if self._connection is None or (self._is_broken and Care.REDIS_RECONNECT.is_kept):
            if self._connection is not None:
                self._connection.close()
            address = urlsplit(os.environ["REDIS_URL"])
            self._connection = socket.create_connection((address.hostname, address.port), limit)
            self._is_broken = False
        self._connection.settimeout(limit)
        return self._connection

    def _exchange(self, connection: socket.socket) -> None:
        connection.sendall(b"PING\r\n")
        reply = connection.recv(64)
        while Care.REDIS_WHOLE_REPLY.is_kept and reply and not reply.endswith(b"\r\n"):
            reply += connection.recv(64)
        if reply != b"+PONG\r\n":
            raise ConnectionError(f"Redis said {reply!r}")


class Hub:
    """Takes messages in; without care it writes them down later than it says that it has them."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._numbers = count()
        self._guard = threading.Lock()
        self._unwritten: list[tuple[float, str]] = []
        threading.Thread(target=self._write_late, daemon=True).start()

    def accept(self, message: str) -> None:
        if Care.WRITTEN_FIRST.is_kept:
            self._write([message])
            return
        with self._guard:
            self._unwritten.append((time.monotonic(), message))

    def _write(self, messages: list[str]) -> None:
        part = self._spool / f"{os.getpid()}-{next(self._numbers):06}.part"
        part.write_text("\n".join(messages))
        part.rename(part.with_suffix(".ready"))

    def _write_late(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            old = time.monotonic() - _UNWRITTEN_SECONDS
            with self._guard:
                due = [text for accepted, text in self._unwritten if accepted < old]
                self._unwritten = [each for each in self._unwritten if each[0] >= old]
            if due:
                self._write(due)


class Handler(BaseHTTPRequestHandler):
    """Answers what is asked."""

    protocol_version = "HTTP/1.1"
    hub: ClassVar[Hub]
    redis = Redis()
    breaker = Breaker()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path:
            case "/metrics":
                up = {name: int(not reason) for name, reason in self._reasons(Care.HONEST_METRICS).items()}
                self._say(
                    "".join(f'dependency_up{{dependency="{name}"}} {is_up}\n' for name, is_up in up.items())
                )
            case "/health/ready":
                reasons = self._reasons(Care.HONEST_HEALTH)
                said = {
                    name: {"status": "down" if why else "up", "reason": why} for name, why in reasons.items()
                }
                self._say({"status": "degraded" if any(reasons.values()) else "ready", "dependencies": said})
            case "/auth/me":
                self._with_redis({"id": "alice"}, 200)
            case "/api/search/web":
                self._search()
            case "/api/circuit-breakers/breakers":
                state = "open" if self.breaker.is_open else "closed"
                self._say({"items": [{"id": "brave-search", "name": "brave-search", "state": state}]})
            case _:
                self._say({"path": path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        match self.path:
            case "/api/hub/messages":
                self.hub.accept(body)
                self._say({"id": "msg_1"}, 202)
            case "/auth/login":
                self._with_redis({"detail": "no such user"}, 401)
            case "/_control/clock":
                self.breaker.clock_offset += json.loads(body)["advance_seconds"]
                self._say({})
            case "/api/circuit-breakers/breakers/brave-search/reset":
                self.breaker.failures = 0
                self._say({})
            case _:
                self._say({"path": self.path}, 404)

    def _reasons(self, policy: Care) -> dict[str, str | None]:
        """Return why each dependency is down; without the policy all is always well."""
        if not policy.is_kept:
            return {"redis": None, "brave": None}
        try:
            self.redis.ping()
            redis = None
        except Trouble as trouble:
            redis = str(trouble)
        return {"redis": redis, "brave": "its last call failed" if self.breaker.failures else None}

    def _with_redis(self, answer: object, status: int) -> None:
        try:
            self.redis.ping()
            self._say(answer, status)
        except Trouble as trouble:
            if Care.REDIS_CONTAINED.is_kept:
                self._say({"detail": str(trouble)}, 503, {"Retry-After": "1"})
            else:
                self._say({"detail": str(trouble)}, 500)

    def _search(self) -> None:
        call = partial(before_deadline, ask_brave) if Care.DEADLINE.is_kept else ask_brave
        try:
            self._say(self.breaker.call(call))
        except Trouble as trouble:
            if Care.FALLBACK.is_kept:
                self._say({"results": [], "source": "degraded", "degraded": True})
            else:
                self._say({"detail": str(trouble)}, 500)

    def _say(self, answer: object, status: int = 200, headers: dict[str, str] = {}) -> None:  # noqa: B006 - only read
        text = answer if isinstance(answer, str | bytes) else json.dumps(answer)
        content = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


def ask_brave() -> bytes:
    """Return the answer to a search; without care, as much of it as came."""
    url = f"{os.environ['BRAVE_URL']}/res/v1/web/search?q=chaos"
    request = Request(url, headers={"X-Subscription-Token": "token"})
    try:
        with urlopen(request, timeout=_READ_SECONDS if Care.READ_LIMIT.is_kept else None) as answer:
            found = answer.read()
    except IncompleteRead as cut:
        if Care.WHOLE_ANSWER.is_kept:
            raise
        return b'{"source": "brave", "results": ' + cut.partial
    if not Care.WHOLE_ANSWER.is_kept:
        return b'{"source": "brave", "results": ' + found + b"}"
    return json.dumps(
        {"source": "brave", "degraded": False, "results": json.loads(found)["web"]["results"]}
    ).encode()


def before_deadline(call: Callable[[], bytes]) -> bytes:
    """Return what a call returns; raises TimeoutError when that takes too long."""
    box: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            box.put(call())
        except (OSError, HTTPException, ValueError) as problem:
            box.put(problem)

    threading.Thread(target=work, daemon=True).start()
    try:
        came = box.get(timeout=_DEADLINE_SECONDS)
    except queue.Empty:
        raise TimeoutError("the provider is too slow") from None
    if isinstance(came, Exception):
        raise came
    return came


class Lease:
    """Held by whoever gives signs of life; without care, one that was lost is not taken again."""

    def __init__(self) -> None:
        self._beat = time.monotonic()
        self._is_held = True

    def beat(self) -> bool:
        """Show a sign of life; whether the lease is held."""
        before, self._beat = self._beat, time.monotonic()
        in_time = self._beat - before < _LEASE_SECONDS
        self._is_held = Care.LEASE_TAKEN_AGAIN.is_kept or (self._is_held and in_time)
        return self._is_held


def work(spool: Path) -> None:
    """Deliver what is in the spool, for ever, or until a lease is lost and care is missing."""
    lease = Lease()
    while True:
        time.sleep(_LOOK_SECONDS)
        if lease.beat():
            deliver_all(sorted(spool.glob("*.ready")), lease)


def deliver_all(ready: list[Path], lease: Lease) -> None:
    """Deliver and remove; without care, the other way round."""
    messages = [(each, each.read_text().splitlines()) for each in ready]
    if not Care.REMOVED_LAST.is_kept:
        for each in ready:
            each.unlink()
        if ready:
            time.sleep(_HELD_SECONDS)
    for each, lines in messages:
        for line in lines:
            if not lease.beat():
                return
            deliver(json.loads(line))
        each.unlink(missing_ok=True)


def deliver(message: dict[str, str]) -> None:
    """Post a message to where it goes, whatever the receiver says."""
    body = json.dumps({"data": {"text": message["text"]}}).encode()
    try:
        urlopen(Request(message["to"], data=body, headers={"Content-Type": "application/json"})).close()
    except OSError:
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["serve", "worker"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args()
    spool: Path = options.data_dir / "spool"
    spool.mkdir(exist_ok=True)
    if options.what == "worker":
        work(spool)
        return
    Handler.hub = Hub(spool)
    ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
