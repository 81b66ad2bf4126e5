"""A small GraphQL library over HTTP that keeps to the specifications, and breaks them as it is asked to."""

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from graphql import ExecutionResult, OperationType, build_schema, graphql_sync, parse
from graphql.language import OperationDefinitionNode

#: What it can be asked to do wrong.
FLAWS = (
    "request-errors-200", "bad-requests-taken", "mutation-by-get", "no-limits", "introspection-open",
    "suggests", "next-page-untrue", "undescribed", "field-gone",
)  # fmt: skip
_NEW = "application/graphql-response+json"
_SDL = '''
type Query {
  """All books, by title."""
  books(first: Int, after: String, last: Int, before: String): BookConnection!
  """How many books there are."""
  number: Int!
  """The shelf's name."""
  shelf: String
}
type Mutation {
  """Do nothing."""
  rest: Boolean!
}
type BookConnection { edges: [BookEdge!]! pageInfo: PageInfo! }
type BookEdge { cursor: String! node: Book! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Book {
  """The title on the cover."""
  title: String!
}
'''
_TITLES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta")
_SUGGESTION = re.compile(r" Did you mean .*")


def sdl(flaws: frozenset[str] = frozenset()) -> str:
    """Return the schema as the library publishes it."""
    text = _SDL.replace('  """The title on the cover."""\n', "") if "undescribed" in flaws else _SDL
    gone = '  """The shelf\'s name."""\n  shelf: String\n'
    return text.replace(gone, "") if "field-gone" in flaws else text


class Library(ThreadingHTTPServer):
    """Answers at /graphql; `flaws` says what goes wrong."""

    daemon_threads = True

    def __init__(self, port: int = 0, flaws: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.flaws = flaws
        self.schema = build_schema(sdl(flaws))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def books(self, _info: object, **window: Any) -> Mapping[str, Any]:
        """Return a window of the books (Relay Cursor Connections 4)."""
        cursors = [f"c{at}" for at in range(len(_TITLES))]
        start = cursors.index(window["after"]) + 1 if window.get("after") in cursors else 0
        stop = cursors.index(window["before"]) if window.get("before") in cursors else len(cursors)
        low, high = start, stop
        if window.get("first") is not None:
            high = min(high, low + window["first"])
        if window.get("last") is not None:
            low = max(low, high - window["last"])
        shown = range(low, high)
        has_next = high < stop or "next-page-untrue" in self.flaws
        return {
            "edges": [{"cursor": cursors[at], "node": {"title": _TITLES[at]}} for at in shown],
            "pageInfo": {
                "hasNextPage": has_next,
                "hasPreviousPage": low > start,
                "startCursor": cursors[low] if shown else None,
                "endCursor": cursors[high - 1] if shown else None,
            },
        }

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Refused(Exception):
    """A request that is none; carries the status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Library

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        """Run a query."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self._answer(asked, may_mutate="mutation-by-get" in self.server.flaws)

    def do_POST(self) -> None:
        """Run a query or a mutation."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_lax = "bad-requests-taken" in self.server.flaws
        try:
            asked = json.loads(raw)
        except ValueError:
            self._send(200 if is_lax else 400, {"errors": [{"message": "This is no JSON."}]})
            return
        if self.headers.get_content_type() != "application/json" and not is_lax:
            self._send(415, {"errors": [{"message": "Send JSON."}]})
            return
        if isinstance(asked, list) and "no-limits" in self.server.flaws:
            self._send(200, [self._run(each, may_mutate=True) for each in asked])
            return
        self._answer(asked, may_mutate=True)

    def _answer(self, asked: object, *, may_mutate: bool) -> None:
        if urlsplit(self.path).path != "/graphql":
            self._send(404, {"errors": [{"message": "Not here."}]})
            return
        try:
            told = self._run(asked, may_mutate=may_mutate)
        except _Refused as refused:
            is_lax = "bad-requests-taken" in self.server.flaws and refused.status == 400
            self._send(200 if is_lax else refused.status, {"errors": [{"message": str(refused)}]})
            return
        was_run = "data" in told
        is_strict = self._media() == _NEW and "request-errors-200" not in self.server.flaws
        self._send(200 if was_run or not is_strict else 400, told)

    def _run(self, asked: object, *, may_mutate: bool) -> Mapping[str, Any]:
        query, variables, name = _parts(asked)
        flaws = self.server.flaws
        if query.count(":__typename") > 50 and "no-limits" not in flaws:
            raise _Refused(400, "This asks for too much.")
        is_stranger = self.headers.get("Authorization") is None
        if "__schema" in query and is_stranger and "introspection-open" not in flaws:
            raise _Refused(400, "Introspection is off.")
        if not may_mutate and _mutates(query):
            raise _Refused(405, "Send mutations by POST.")
        result: ExecutionResult = graphql_sync(
            self.server.schema, query, root_value=self._root(), variable_values=variables, operation_name=name
        )
        told = dict(result.formatted)
        if told.get("data") is None and all(error.path is None for error in result.errors or ()):
            told.pop("data", None)
        for error in told.get("errors", ()):
            if "suggests" not in flaws:
                error["message"] = _SUGGESTION.sub("", error["message"])
        return told

    def _root(self) -> Mapping[str, Any]:
        return {"books": self.server.books, "number": len(_TITLES), "shelf": "A", "rest": True}

    def _media(self) -> str:
        return _NEW if _NEW in self.headers.get("Accept", "") else "application/json"

    def _send(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{self._media()}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _parts(asked: object) -> tuple[str, dict[str, Any] | None, str | None]:
    if not isinstance(asked, dict):
        raise _Refused(400, "The body is no object.")
    query, variables, name = (asked.get(each) for each in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query:
        raise _Refused(400, "There is no query.")
    if not isinstance(variables, dict | None):
        raise _Refused(400, "The variables are no object.")
    if not isinstance(name, str | None):
        raise _Refused(400, "The operation name is no string.")
    return query, variables, name


def _mutates(query: str) -> bool:
    try:
        definitions = parse(query).definitions
    except Exception:  # noqa: BLE001 - what does not parse is told by the execution
        return False
    return any(
        isinstance(each, OperationDefinitionNode) and each.operation is OperationType.MUTATION
        for each in definitions
    )
