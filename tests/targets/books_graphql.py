"""A tiny GraphQL service, right by default, wrong in the ways it is asked to be."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from graphql import build_schema, graphql_sync

#: What it can be asked to do wrong.
FAULTS = (
    "null-for-non-null",  # `book` gives nothing where the schema promises a book
    "no-object",  # the answer to `books` is no GraphQL response
)

_SCHEMA = build_schema(
    """
    type Book { number: Int! title: String! }
    type Query { book(number: Int!): Book! books: [Book!]! }
    """
)
_BOOK = {"number": 1, "title": "Middlemarch"}


class BooksServer(ThreadingHTTPServer):
    """Answers queries on /graphql; `faults` says what goes wrong."""

    daemon_threads = True

    def __init__(self, faults: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def execute(self, asked: Mapping[str, Any]) -> object:
        """Return the answer to a GraphQL request."""
        query = str(asked.get("query", ""))
        if "no-object" in self.faults and "books" in query:
            return ["Middlemarch"]
        book = None if "null-for-non-null" in self.faults else _BOOK
        root = {"book": lambda _info, number: book, "books": [_BOOK]}  # noqa: ARG005 - named by the schema
        return graphql_sync(_SCHEMA, query, root, variable_values=asked.get("variables")).formatted

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: BooksServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_POST(self) -> None:
        """Answer one query."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        content = json.dumps(self.server.execute(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
