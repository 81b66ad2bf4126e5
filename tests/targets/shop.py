"""A small shop over HTTP that follows HTTP to the letter, and breaks it in each way it is asked to."""

import argparse
import gzip
import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from tests.targets.shop_document import MOST, PROBLEM, document

#: What it can be asked to do wrong.
FLAWS = (
    "head-differs", "options-silent", "ignores-if-none-match", "gzip-without-vary", "wrong-range",
    "ignores-accept", "flapping", "page-size-ignored", "page-overlaps", "next-loops", "odd-address-crashes",
    "odd-body-crashes", "takes-any-type", "takes-unknown-members", "created-unlocated", "put-counts",
    "if-match-ignored", "key-ignored", "example-refused", "health-slow", "metrics-malformed",
    "metrics-unbounded", "metrics-still", "redirects-away", "key-for-any-body",
    "misplaced",
)  # fmt: skip
_README = b"How to run the shop.\n"
_ID = r"item-\d+"


class Told(NamedTuple):
    """An answer before HTTP's own rules are applied to it."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}


class Shop(ThreadingHTTPServer):
    """Holds the items; `flaws` says what goes wrong."""

    daemon_threads = True

    def __init__(self, port: int = 0, flaws: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.flaws = flaws
        self.items = {f"item-{number}": _item(number, f"thing {number}", number) for number in range(1, 8)}
        self.replayed: dict[str, tuple[bytes, Told]] = {}
        self.counted: dict[tuple[str, str], int] = {}
        self.asked = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _item(number: int, name: str, price: int) -> dict[str, Any]:
    return {"id": f"item-{number}", "name": name, "price": price, "made": "2026-01-02T03:04:05Z"}


def _json(value: object, status: int = 200, **headers: str) -> Told:
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return Told(status, json.dumps(value).encode(), headers=fields)


def _problem(status: int, **headers: str) -> Told:
    body = json.dumps({"type": "about:blank", "title": "Refused", "status": status}).encode()
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return Told(status, body, PROBLEM, fields)


class _Handler(BaseHTTPRequestHandler):
    def version_string(self) -> str:
        return "shop"

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Shop

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def has(self, flaw: str) -> bool:
        return flaw in self.server.flaws

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        with self.server.lock:
            try:
                told = self._route(parts.path, parts.query, raw)
            except RecursionError:
                told = _problem(500 if self.has("odd-body-crashes") else 400)
            label = parts.path if self.has("metrics-unbounded") else _label(parts.path)
            if not self.has("metrics-still"):
                key = (label, str(told.status))
                self.server.counted[key] = self.server.counted.get(key, 0) + 1
        self._send(told)

    def _route(  # noqa: PLR0911 - one return per stage
        self, path: str, query: str, raw: bytes
    ) -> Told:
        if self.has("odd-address-crashes") and (b"\x00" in unquote_to_bytes(self.path) or len(path) > 5000):
            return _problem(500)
        if path != "/" and path.endswith("/") and self._methods(path.rstrip("/")):
            host = "internal:8080" if self.has("redirects-away") else self.headers["Host"]
            return Told(307, headers={"Location": f"http://{host}{path.rstrip('/')}"})
        methods = self._methods(path)
        if methods is None:
            return _problem(404)
        method = "GET" if self.command == "HEAD" else self.command
        if method == "OPTIONS":
            allow = {} if self.has("options-silent") else {"Allow": ", ".join((*methods, "HEAD", "OPTIONS"))}
            return Told(204, headers=allow)
        if method not in methods:
            return _problem(405, Allow=", ".join((*methods, "HEAD", "OPTIONS")))
        if method in {"POST", "PUT"}:
            return self._write(method, path, raw)
        return self._read(path, parse_qs(query))

    def _methods(self, path: str) -> tuple[str, ...] | None:
        if path == "/items":
            return ("GET", "POST")
        if re.fullmatch(r"/items/" + _ID, path):
            return ("GET", "PUT") if path.rpartition("/")[2] in self.server.items else None
        known = {"/openapi.json", "/health", "/metrics", "/search", "/readme", "/note"}
        return ("GET",) if path in known else None

    def _read(  # noqa: PLR0911 - one return per resource
        self, path: str, query: Mapping[str, list[str]]
    ) -> Told:
        match path:
            case "/openapi.json":
                return _json(document(is_misplaced=self.has("misplaced")))
            case "/health":
                if self.has("health-slow"):
                    time.sleep(1.1)
                return _json({"status": "up", "checks": {"shelf": "up"}})
            case "/metrics":
                return self._metrics()
            case "/items":
                return self._page(query)
            case "/search":
                is_refused = self.has("example-refused") or "q" not in query
                return _problem(400) if is_refused else Told(200, b"lamps\n", "text/plain")
            case "/readme":
                return self._readme()
            case "/note":
                return self._note()
            case _:
                return _json(self.server.items[path.rpartition("/")[2]])

    def _page(self, query: Mapping[str, list[str]]) -> Told:
        try:
            limit, offset = (
                int(query.get(name, [text])[-1]) for name, text in (("limit", "20"), ("offset", "0"))
            )
        except ValueError:
            return _problem(400)
        if not 1 <= limit <= MOST or not 0 <= offset < 10**6:
            return _problem(400)
        everything = list(self.server.items.values())
        size = len(everything) if self.has("page-size-ignored") else limit
        start = max(offset - 1, 0) if self.has("page-overlaps") and limit > 1 else offset
        more = start + size < len(everything)
        onward = 0 if self.has("next-loops") else offset + limit
        link = {"Link": f'</items?limit={limit}&offset={onward}>; rel="next"'} if more else {}
        self.server.asked += 1
        shown = {"items": everything[start : start + size]}
        if self.has("flapping") and self.server.asked % 2:
            shown["odd"] = []
        return _json(shown, **link)

    def _readme(self) -> Told:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            return Told(200, _README, "text/plain", {"Accept-Ranges": "bytes"})
        first = int(wanted[1])
        last = min(int(wanted[2] or len(_README)), len(_README) - 1)
        if first >= len(_README):
            told = _problem(416)
            return Told(416, told.body, PROBLEM, headers={"Content-Range": f"bytes */{len(_README)}"})
        part = _README[first : last + 1] if not self.has("wrong-range") else _README[first : last + 3]
        told = {"Content-Range": f"bytes {first}-{last}/{len(_README)}"}
        return Told(206, part, "text/plain", told)

    def _note(self) -> Told:
        wants_json = "application/json" in self.headers.get("Accept", "") and not self.has("ignores-accept")
        if wants_json:
            return _json({"note": "Closed on Monday."}, Vary="Accept")
        return Told(200, b"Closed on Monday.\n", "text/plain", {"Vary": "Accept"})

    def _metrics(self) -> Told:
        lines = ["# HELP shop_requests_total Requests.", "# TYPE shop_requests_total counter"]
        lines += [
            f'shop_requests_total{{path="{path}",status="{status}"}} {count}'
            for (path, status), count in sorted(self.server.counted.items())
        ] or ['shop_requests_total{path="none",status="200"} 0']
        if self.has("metrics-malformed"):
            lines += [lines[-1], "shop requests 3"]
        return Told(200, ("\n".join(lines) + "\n").encode(), "text/plain; version=0.0.4")

    def _write(self, method: str, path: str, raw: bytes) -> Told:
        key = self.headers.get("Idempotency-Key", "")
        if method == "POST" and key in self.server.replayed and not self.has("key-ignored"):
            first, told = self.server.replayed[key]
            return told if first == raw or self.has("key-for-any-body") else _problem(422)
        if self.headers.get_content_type() != "application/json":
            return Told(201) if self.has("takes-any-type") else _problem(415)
        try:
            body = json.loads(raw)
        except RecursionError:
            raise
        except ValueError:
            return _problem(400)
        if not self._fits(body):
            is_crash = self.has("odd-body-crashes") and not isinstance(body, dict)
            return _problem(500 if is_crash else 422)
        told = self._create(body) if method == "POST" else self._replace(path.rpartition("/")[2], body)
        if key:
            self.server.replayed[key] = (raw, told)
        return told

    def _fits(self, body: object) -> bool:
        if not isinstance(body, dict) or not {"name", "price"} <= set(body):
            return False
        name, price = body["name"], body["price"]
        is_priced = isinstance(price, int) and not isinstance(price, bool) and 0 <= price <= 10_000
        if not isinstance(name, str) or not 1 <= len(name) <= 40 or not is_priced:
            return False
        return self.has("takes-unknown-members") or set(body) == {"name", "price"}

    def _create(self, body: Mapping[str, Any]) -> Told:
        number = len(self.server.items) + 1
        item = _item(number, body["name"], body["price"])
        self.server.items[item["id"]] = item
        located = {} if self.has("created-unlocated") else {"Location": f"/items/{item['id']}"}
        return _json(item, 201, **located)

    def _replace(self, name: str, body: Mapping[str, Any]) -> Told:
        now = self.server.items[name]
        wanted = self.headers.get("If-Match")
        if wanted not in (None, "*", _tag(json.dumps(now).encode())) and not self.has("if-match-ignored"):
            return _problem(412)
        price = now["price"] + 1 if self.has("put-counts") else body["price"]
        self.server.items[name] = {**now, "name": body["name"], "price": price}
        return _json(self.server.items[name])

    def _send(self, told: Told) -> None:
        headers = {"Content-Type": told.media_type, **told.headers} if told.body else dict(told.headers)
        body, status = told.body, told.status
        if status == 200 and self.command in {"GET", "HEAD"}:
            body, status = self._with_validators(body, headers)
        self.send_response(status)
        headers |= {"X-Request-ID": uuid.uuid4().hex, "X-Content-Type-Options": "nosniff"}
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in {204, 304}:
            extra = 1 if self.command == "HEAD" and self.has("head-differs") else 0
            self.send_header("Content-Length", str(len(body) + extra))
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def _with_validators(self, body: bytes, headers: dict[str, str]) -> tuple[bytes, int]:
        if not self.has("gzip-without-vary"):
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
        if headers["Content-Type"].startswith("application/json"):
            headers["ETag"] = _tag(body)
            known = self.headers.get("If-None-Match", "")
            named = {each.strip().removeprefix("W/") for each in known.split(",")}
            if {headers["ETag"].removeprefix("W/")} & named and not self.has("ignores-if-none-match"):
                return b"", 304
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            if "ETag" in headers:
                headers["ETag"] = "W/" + headers["ETag"]
            return gzip.compress(body, mtime=0), 200
        return body, 200


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _label(path: str) -> str:
    return path if path in {"/items", "/health", "/metrics", "/readme", "/note", "/search"} else "other"


def main() -> None:
    """Serve until killed: `python shop.py --port 8000 --flaw head-differs`; `--sloppy` has all flaws."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flaw", action="append", default=[], choices=FLAWS)
    parser.add_argument("--sloppy", action="store_true", help="with every flaw")
    parser.add_argument("--sound", action="store_true", help="without any, as by default")
    options = parser.parse_args()
    server = Shop(options.port, frozenset(FLAWS if options.sloppy else options.flaw))
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
