"""A tiny service with the paths that the chaos experiments use and none of the care that they look for.

It calls its search provider and Redis without a fallback, says that all is well whatever happens, keeps
accepted messages in memory before it writes them down, and its worker forgets messages before it delivered
them. Run it: `careless_core.py serve --port N --data-dir D` and `careless_core.py worker --data-dir D`.
"""

import argparse
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_WELL = {"status": "up", "reason": None}
#: Accepting takes this long, so that a worker has something in hand while more comes in.
_ACCEPT_SECONDS = 0.05
#: So old is a message when it is written down, and so often is looked.
_UNWRITTEN_SECONDS = 0.25
_LOOK_SECONDS = 0.05
#: So long a worker holds what it took before it delivers it: longer than a test takes to come to its kill.
_HELD_SECONDS = 2.0


class Handler(BaseHTTPRequestHandler):
    """Answers what is asked; any trouble is a 500."""

    protocol_version = "HTTP/1.1"
    accepted: ClassVar[list[tuple[float, str]]] = []
    guard = threading.Lock()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path:
            case "/metrics":
                self._say('dependency_up{dependency="redis"} 1\ndependency_up{dependency="brave"} 1\n')
            case "/health/ready":
                self._say({"status": "ready", "dependencies": {"redis": _WELL, "brave": _WELL}})
            case "/auth/me":
                self._trying(ask_redis)
            case "/api/search/web":
                self._trying(ask_brave)
            case "/api/circuit-breakers/breakers":
                self._say({"items": [{"id": "brave-search", "name": "brave-search", "state": "closed"}]})
            case _:
                self._say({"path": path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/api/hub/messages":
            time.sleep(_ACCEPT_SECONDS)
            with self.guard:
                self.accepted.append((time.monotonic(), body.decode()))
            self._say({"id": "msg_1"}, 202)
        elif self.path == "/auth/login":
            self._trying(ask_redis, 401)
        else:
            self._say({})

    def _trying(self, what: Callable[[], object], status: int = 200) -> None:
        try:
            self._say(what(), status)
        except OSError as problem:
            self._say({"detail": str(problem)}, 500)

    def _say(self, answer: object, status: int = 200) -> None:
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


def ask_redis() -> dict[str, object]:
    """Ping Redis, without any time limit."""
    address = urlsplit(os.environ["REDIS_URL"])
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"PING\r\n")
        if not connection.recv(64).startswith(b"+PONG"):
            raise OSError("Redis is gone")
    return {"id": "alice"}


def ask_brave() -> dict[str, object]:
    """Search, without any fallback."""
    url = f"{os.environ['BRAVE_URL']}/res/v1/web/search?q=chaos"
    with urlopen(Request(url, headers={"X-Subscription-Token": "token"})) as answer:
        return {"results": json.load(answer)["web"]["results"], "degraded": False}


def flush(spool: Path) -> None:
    """Write down what was accepted: too late."""
    for number in count():
        time.sleep(_LOOK_SECONDS)
        old = time.monotonic() - _UNWRITTEN_SECONDS
        with Handler.guard:
            batch = [text for accepted, text in Handler.accepted if accepted < old]
            Handler.accepted[:] = [each for each in Handler.accepted if each[0] >= old]
        if batch:
            part = spool / f"{os.getpid()}-{number:06}.part"
            part.write_text("\n".join(batch))
            part.rename(part.with_suffix(".ready"))


def work(spool: Path) -> None:
    """Deliver what is in the spool; it is taken out first: too early."""
    while True:
        time.sleep(_LOOK_SECONDS)
        ready = sorted(spool.glob("*.ready"))
        messages = [line for each in ready for line in each.read_text().splitlines()]
        for each in ready:
            each.unlink()
        if messages:
            time.sleep(_HELD_SECONDS)
        for message in messages:
            deliver(json.loads(message))


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
    threading.Thread(target=flush, args=(spool,), daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
