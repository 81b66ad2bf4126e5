"""A tiny HTTP service with an OpenAPI document, right by default, wrong in the ways it is asked to be."""

import argparse
import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "items-token-4f7a"

#: What it can be asked to do wrong.
FAULTS = (
    "server-error",  # 500 on a quantity above 900
    "wrong-schema",  # `id` as text
    "undocumented-status",  # 418 for long names
    "wrong-content-type",  # text/html where JSON is documented
    "accepts-invalid",  # negative quantities are taken
    "refuses-valid",  # 400 on every name
    "ignores-auth",  # secrets without a token
    "no-allow",  # 405 without Allow
    "dead-credential",  # no token is good any more
    "rate-limited",  # everything is 429
    "hiccup",  # 500 once, on the first health check
)

_PROBLEM = {"application/problem+json": {"schema": {"type": "object", "required": ["status"]}}}
_ITEM = {
    "type": "object",
    "required": ["id", "name", "quantity"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "quantity": {"type": "integer", "minimum": 0},
    },
}
_NEW_ITEM = {
    "type": "object",
    "required": ["name", "quantity"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "quantity": {"type": "integer", "minimum": 0, "maximum": 1000},
    },
}


def _responses(*statuses: str, good: Mapping[str, Any]) -> dict[str, Any]:
    refused = {status: {"description": "Refused.", "content": _PROBLEM} for status in statuses}
    return {**good, **refused}


def document() -> dict[str, Any]:
    """Return the OpenAPI document the service publishes."""
    item = {"description": "The item.", "content": {"application/json": {"schema": _ITEM}}}
    bearer = [{"bearerAuth": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Items", "version": "1"},
        "paths": {
            "/health": {
                "get": {
                    "responses": {
                        "200": {
                            "description": "Alive.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    }
                }
            },
            "/items": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _NEW_ITEM}},
                    },
                    "responses": _responses("400", "422", good={"201": item}),
                }
            },
            "/items/{id}": {
                "get": {
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000},
                        }
                    ],
                    "responses": _responses("404", "422", good={"200": item}),
                }
            },
            "/secrets": {
                "get": {
                    "security": bearer,
                    "responses": _responses("401", good={"200": item}),
                }
            },
        },
        "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
    }


class ItemsServer(ThreadingHTTPServer):
    """Holds the items and what was sent; `faults` says what goes wrong."""

    daemon_threads = True

    def __init__(self, port: int, faults: frozenset[str]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.faults = faults
        self.items: dict[int, dict[str, Any]] = {1: {"id": 1, "name": "first", "quantity": 1}}
        self.requests: list[tuple[str, str]] = []
        self.exchanges: Path | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def note(self, method: str, target: str, headers: Mapping[str, str]) -> None:
        """Remember a request, and record it as a recorder would when `exchanges` names a file."""
        with self._lock:
            self.requests.append((method, urlsplit(target).path))
            if self.exchanges is None:
                return
            record = {
                "id": f"fuzz-{len(self.requests)}",
                "layer": "fuzz",
                "request": {"method": method, "target": target, "headers": list(headers.items())},
            }
            with self.exchanges.open("a", encoding="utf-8") as out:
                out.write(json.dumps(record) + "\n")

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
    server: ItemsServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.server.note(self.command, self.path, dict(self.headers.items()))
        if "rate-limited" in self.server.faults and path != "/openapi.json":
            self._problem(429)
        elif path == "/openapi.json":
            self._json(200, document())
        elif path == "/health":
            self._only({"GET": self._health})
        elif path == "/secrets":
            self._only({"GET": self._secret})
        elif path == "/items":
            self._only({"POST": lambda: self._create(raw)})
        elif match := re.fullmatch(r"/items/([^/]+)", path):
            self._only({"GET": lambda: self._read(match[1])})
        else:
            self._problem(404)

    def _only(self, methods: Mapping[str, Any]) -> None:
        if self.command in methods:
            methods[self.command]()
            return
        allow = {} if "no-allow" in self.server.faults else {"Allow": ", ".join(methods)}
        self._problem(405, allow)

    def _health(self) -> None:
        asked = self.server.requests.count(("GET", "/health"))
        if "hiccup" in self.server.faults and asked == 1:
            self._problem(500)
        else:
            self._json(200, {"alive": True})

    def _secret(self) -> None:
        is_open = "ignores-auth" in self.server.faults
        is_dead = "dead-credential" in self.server.faults
        if is_open or (not is_dead and self.headers.get("Authorization") == f"Bearer {TOKEN}"):
            self._item(200, self.server.items[1])
        else:
            self._problem(401, {"WWW-Authenticate": "Bearer"})

    def _read(self, text: str) -> None:
        if not re.fullmatch(r"[1-9]\d{0,17}", text):
            self._problem(422)
        elif int(text) in self.server.items:
            self._item(200, self.server.items[int(text)])
        else:
            self._problem(404)

    def _create(self, raw: bytes) -> None:
        if parse_qs(urlsplit(self.path).query) or self.headers.get_content_type() != "application/json":
            self._problem(422)
            return
        try:
            body = json.loads(raw)
        except ValueError:
            self._problem(400)
            return
        faults = self.server.faults
        if not _is_valid(body, takes_negative="accepts-invalid" in faults):
            self._problem(422)
        elif "refuses-valid" in faults:
            self._problem(400)
        elif "server-error" in faults and body["quantity"] > 900:
            self._problem(500)
        elif "undocumented-status" in faults and len(body["name"]) > 20:
            self._problem(418)
        else:
            item = {"id": len(self.server.items) + 1, **body}
            self.server.items[item["id"]] = item
            self._item(201, item)

    def _item(self, status: int, item: Mapping[str, Any]) -> None:
        shown = {**item, "id": str(item["id"])} if "wrong-schema" in self.server.faults else dict(item)
        media_type = "text/html" if "wrong-content-type" in self.server.faults else "application/json"
        self._json(status, shown, media_type=media_type)

    def _problem(self, status: int, headers: Mapping[str, str] = {}) -> None:
        self._json(status, {"status": status}, headers, media_type="application/problem+json")

    def _json(
        self,
        status: int,
        body: object,
        headers: Mapping[str, str] = {},
        *,
        media_type: str = "application/json",
    ) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": media_type,
            "Content-Length": str(len(content)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _is_valid(body: object, *, takes_negative: bool) -> bool:
    if not isinstance(body, dict) or set(body) != {"name", "quantity"}:
        return False
    name, quantity = body["name"], body["quantity"]
    is_whole = (
        isinstance(quantity, int | float) and not isinstance(quantity, bool) and quantity == int(quantity)
    )
    if not isinstance(name, str) or not 1 <= len(name) <= 40 or not is_whole:
        return False
    return quantity <= 1000 and (takes_negative or quantity >= 0)


def main() -> None:
    """Serve until killed: `python items_api.py --port 8000 --fault server-error`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], choices=FAULTS)
    options = parser.parse_args()
    server = ItemsServer(options.port, frozenset(options.fault))
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
