"""Books that people keep to themselves, by GraphQL and by REST: sound, or open by one of the two."""

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from graphql import build_schema, graphql_sync

FLAWS = (
    "field-open",  # `book` gives any book
    "node-open",  # `node` gives any book
    "rest-open",  # REST gives any book, GraphQL does not
    "removed-by-anybody",  # `removeBook` removes any book
    "renamed-by-anybody",  # `renameBook` renames any book
)
SDL = """
    interface Node { id: ID! }
    type Book implements Node { id: ID! title: String! }
    type Query { book(id: ID!): Book node(id: ID!): Node books: [Book!]! }
    type Mutation { renameBook(id: ID!, title: String!): Book removeBook(id: ID!): Boolean! }
"""
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_BOOK = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string", "minLength": 1}}}
_SECURED = [{"bearer": []}]
DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "shelves", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/books": {
            "post": {
                "security": _SECURED,
                "requestBody": {"required": True, "content": {"application/json": {"schema": _BOOK}}},
                "responses": {"201": {"description": "Kept."}},
            }
        },
        "/books/{id}": {
            "get": {"security": _SECURED, "parameters": [_ID], "responses": {"200": {"description": "It."}}}
        },
    },
}


class ShelvesServer(ThreadingHTTPServer):
    """Alice has one book to begin with. Use it as a context."""

    daemon_threads = True

    def __init__(self, *flaws: str) -> None:
        assert set(flaws) <= set(FLAWS)
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flaws = frozenset(flaws)
        self.schema = build_schema(SDL)
        self.books: dict[str, dict[str, str]] = {}
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, owner: str, title: str) -> dict[str, str]:
        name = f"b{len(self.books) + 1}"
        self.books[name] = {"id": name, "title": title, "owner": owner}
        return self.books[name]

    def found(self, who: str, name: str, flaw: str) -> dict[str, str] | None:
        book = self.books.get(name)
        return book if book is not None and (book["owner"] == who or flaw in self.flaws) else None

    def execute(self, who: str, query: str) -> object:
        def remove(_: object, id: str) -> bool:  # noqa: A002 - the schema names it so
            book = self.found(who, id, "removed-by-anybody")
            return book is not None and self.books.pop(id) is not None

        def rename(_: object, id: str, title: str) -> Any:  # noqa: A002 - the schema names it so
            book = self.found(who, id, "renamed-by-anybody")
            if book is not None:
                book["title"] = title
            return book

        def node(_: object, id: str) -> Any:  # noqa: A002 - the schema names it so
            book = self.found(who, id, "node-open")
            return None if book is None else {**book, "__typename": "Book"}

        root = {
            "book": lambda _, id: self.found(who, id, "field-open"),  # noqa: A006 - the schema names it so
            "node": node,
            "books": [book for book in self.books.values() if book["owner"] == who],
            "removeBook": remove,
            "renameBook": rename,
        }
        return graphql_sync(self.schema, query, root).formatted

    def __enter__(self) -> Self:
        self.add("alice", "Middlemarch")
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ShelvesServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        """Answer with one book."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a query, or keep a book."""
        self._answer()

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        who = self.headers.get("Authorization", "").removeprefix("Bearer ").removesuffix("s-token")
        with self.server.lock:
            status, shown = self._told(who, body) if who else (401, {"detail": "who are you"})
        content = json.dumps(shown).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _told(self, who: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        if self.path == "/graphql":
            return 200, self.server.execute(who, str(body.get("query", "")))
        if (self.command, self.path) == ("POST", "/books"):
            return 201, self.server.add(who, str(body["title"]))
        named = re.fullmatch(r"/books/([^/]+)", self.path)
        book = self.server.found(who, named[1], "rest-open") if named else None
        return (404, {"detail": "none"}) if book is None else (200, book)
