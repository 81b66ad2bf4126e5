"""A webhook receiver in this process: remembers what it accepted, and can stall to keep a worker busy."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LONGEST_STALL_SECONDS = 30.0


class Receiver:
    """The texts of the deliveries it answered with success."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{self.address}/hook"
        self._lock = threading.Lock()
        self._texts: set[str] = set()
        self._room: int | None = None
        self._stalled = 0
        self._released = threading.Event()

    @property
    def texts(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._texts)

    @property
    def stalled(self) -> int:
        """How many deliveries have been left without an answer."""
        with self._lock:
            return self._stalled

    def stall_after(self, deliveries: int) -> None:
        """Accept so many more; leave those after them without an answer until `release`."""
        with self._lock:
            self._room = deliveries
            self._released.clear()

    def release(self) -> None:
        """Refuse what is stalled and accept what comes from now on."""
        with self._lock:
            self._room = None
            self._released.set()

    def accept(self, text: str) -> bool:
        with self._lock:
            if self._room is None or self._room > 0:
                self._room = None if self._room is None else self._room - 1
                self._texts.add(text)
                return True
            self._stalled += 1
        self._released.wait(_LONGEST_STALL_SECONDS)
        return False


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Receiver(server.server_port)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            delivery = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            accepted = receiver.accept(delivery["data"]["text"])
            try:
                self.send_response(204 if accepted else 503)
                self.end_headers()
            except ConnectionError:
                return  # the worker that asked is dead

        def log_message(self, *_: object) -> None:
            return

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.release()
        server.shutdown()
        server.server_close()
        thread.join()
