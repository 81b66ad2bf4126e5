"""A door of ours on loopback that notes who knocks: what the target fetches for a caller is seen here."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

_LOOK_SECONDS = 0.05


class Listener:
    """Answers every request with 200 and one document, and remembers the paths; use it as a context."""

    def __init__(self, document: Mapping[str, object] | None = None) -> None:
        self._content = json.dumps(document or {}).encode()
        self._paths: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def address(self) -> tuple[str, str]:
        """Return a URL that nobody has been told, and the token by which its visits are found."""
        token = secrets.token_hex(8)
        return f"http://127.0.0.1:{self._server.server_address[1]}/{token}", token

    def was_visited(self, token: str) -> bool:
        """Whether anybody asked for the URL with this token."""
        return any(token in path for path in self._paths)

    def visited(
        self, tokens: Mapping[str, str], *, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> str:
        """Wait for the first visit at most so long; return what stands beside its token, or nothing."""
        until = clock() + seconds
        while True:
            for token, words in tokens.items():
                if self.was_visited(token):
                    return words
            if clock() >= until:
                return ""
            time.sleep(_LOOK_SECONDS)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def _note(self) -> None:
                listener._paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(listener._content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(listener._content)

            do_GET = do_HEAD = do_POST = do_PUT = _note  # noqa: N815 - the base class looks for these names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
                """Keep quiet."""

        return Handler
