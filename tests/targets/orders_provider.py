"""A tiny Pact provider with provider states and an OpenAPI document, wrong in the ways it is asked to be."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

#: What it can be asked to do wrong.
FAULTS = (
    "no-total",  # the order has no `total`
    "order-dependent",  # "an order" works once, then says that it exists already
    "no-state",  # every state is refused
    "hangs",  # requests are never answered
)

_ORDER = {
    "type": "object",
    "required": ["id", "total", "lines"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "total": {"type": "integer"},
        "lines": {"type": "array", "items": {"type": "string"}},
    },
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document the service publishes."""
    order = {"description": "The order.", "content": {"application/json": {"schema": _ORDER}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders/{id}": {
                "get": {
                    "security": [{"bearerAuth": []}],
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": order, "401": {"description": "Who are you?"}},
                }
            },
            "/status": {
                "get": {
                    "responses": {
                        "200": {
                            "description": "Alive.",
                            "content": {
                                "application/json": {
                                    "schema": {"type": "object", "required": ["alive"]},
                                }
                            },
                        }
                    }
                }
            },
        },
        "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
    }


class OrdersServer(ThreadingHTTPServer):
    """Holds what the states made; `faults` says what goes wrong."""

    daemon_threads = True

    def __init__(self, faults: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults
        self.tokens: set[str] = set()
        self.orders: dict[str, str] = {}
        self.has_given_an_order = False
        self.closing = threading.Event()
        self.exchanges: Path | None = None
        self._recorded = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def enter(self, state: str, params: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Bring about a provider state and return its values."""
        if "no-state" in self.faults:
            return 404, {"detail": "no such state"}
        match state:
            case "a signed-in user":
                token = f"token-{len(self.tokens)}"
                self.tokens.add(token)
                return 200, {"token": token}
            case "an order":
                if "order-dependent" in self.faults and self.orders:
                    return 409, {"detail": "it exists already"}
                if params.get("token") not in self.tokens:
                    return 422, {"detail": "an order needs the token of its owner"}
                order = f"order-{len(self.orders)}"
                self.orders[order] = str(params["token"])
                return 200, {"order_id": order}
            case _:
                return 404, {"detail": "no such state"}

    def record(self, target: str, status: int) -> None:
        """Write an exchange as a recorder would, when `exchanges` names a file."""
        if self.exchanges is None or target.startswith("/_control"):
            return
        self._recorded += 1
        record = {
            "id": f"contracts-{self._recorded}",
            "layer": "contracts",
            "request": {"method": "GET", "target": target},
            "response": {"status": status},
        }
        with self.exchanges.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: OrdersServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        if self.path != "/_control/states":
            self._json(404, {})
        elif asked["action"] == "teardown":
            self._json(200, {})
        else:
            self._json(*self.server.enter(asked["state"], asked.get("params", {})))

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if "hangs" in self.server.faults:
            self.server.closing.wait(60)
            self.close_connection = True
        elif path == "/openapi.json":
            self._json(200, document())
        elif path == "/status":
            self._json(200, {"alive": True})
        else:
            self._order(path.removeprefix("/orders/"))

    def _order(self, name: str) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.server.tokens:
            self._json(401, {"status": 401})
        elif self.server.orders.get(name) != token:
            self._json(404, {"status": 404})
        else:
            order: dict[str, Any] = {"id": name, "lines": ["tea"]}
            is_first = not self.server.has_given_an_order
            self.server.has_given_an_order = True
            lacks_total = "no-total" in self.server.faults or (
                "no-total-once" in self.server.faults and is_first
            )
            if not lacks_total:
                order["total"] = 7
            self._json(200, order)

    def _json(self, status: int, body: Mapping[str, Any]) -> None:
        self.server.record(self.path, status)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
