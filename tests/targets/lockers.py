"""Lockers that people rent: accounts, sign-ins and one kind of object; sound, or flawed where asked to be."""

import itertools
import json
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

FLAWS = (
    "sign-out-ignored",
    "token-constant",
    "deletion-ignored",
    "refused-but-made",
    "role-settable",
    "opened-by-anybody",
    "half-moved",
)
#: No flaw: items of the list that change from one reading to the next, as a queue's do.
LIVELY = "lively"
_CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": {"type": "string"}, "password": {"type": "string"}},
}
_LOCKER = {
    "type": "object",
    "required": ["label"],
    "properties": {"label": {"type": "string", "minLength": 1}},
}
_NUMBER = {"type": "integer", "minimum": 1, "maximum": 40}
_PLACE = {"type": "object", "properties": {"floor": _NUMBER, "row": _NUMBER}}
_MOVE = {"type": "object", "properties": {"place": _PLACE}}
_ACCOUNT = {"type": "object", "properties": {"role": {"type": "string", "enum": ["tenant", "caretaker"]}}}
_ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
_SECURED = [{"bearer": []}]


def _takes(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "lockers", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/register": {"post": {"requestBody": _takes(_CREDENTIALS), "responses": {"201": _takes(_ACCOUNT)}}},
        "/login": {"post": {"requestBody": _takes(_CREDENTIALS), "responses": {"200": {}}}},
        "/logout": {"post": {"security": _SECURED, "responses": {"204": {}}}},
        "/lockers": {
            "get": {"security": _SECURED, "responses": {"200": {}}},
            "post": {"security": _SECURED, "requestBody": _takes(_LOCKER), "responses": {"201": {}}},
        },
        "/lockers/{id}": {
            "get": {"security": _SECURED, "parameters": _ID, "responses": {"200": {}}},
            "patch": {
                "security": _SECURED,
                "parameters": _ID,
                "requestBody": _takes(_MOVE),
                "responses": {"200": {}},
            },
            "delete": {"security": _SECURED, "parameters": _ID, "responses": {"204": {}}},
        },
        "/lockers/{id}/open": {"post": {"security": _SECURED, "parameters": _ID, "responses": {"200": {}}}},
    },
}


class LockersServer(ThreadingHTTPServer):
    """Holds everything in memory; a label is taken once. Use it as a context."""

    daemon_threads = True

    def __init__(self, *flaws: str) -> None:
        assert set(flaws) <= {*FLAWS, LIVELY}
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flaws = frozenset(flaws)
        self.passwords: dict[str, str] = {"alice": "a long password"}
        self.sessions: dict[str, str] = {"alices-token": "alice", "bobs-token": "bob"}
        self.owners: dict[str, str] = {}
        self.lockers: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()
        self.readings = itertools.count()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sign_in(self, username: str) -> str:
        token = f"of-{username}" if "token-constant" in self.flaws else secrets.token_urlsafe(16)
        self.sessions[token] = username
        return token

    def add(self, who: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        if not body.get("label"):
            return 422, {"detail": "a locker has a label"}
        is_taken = any(each["label"] == body["label"] for each in self.lockers.values())
        made = {"id": secrets.token_hex(4), "label": body["label"], "state": "closed"}
        self.owners[made["id"]] = who
        if not is_taken or "refused-but-made" in self.flaws:
            self.lockers[made["id"]] = made
        return (409, {"detail": "that label is taken"}) if is_taken else (201, made)

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
    server: LockersServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        with self.server.lock:
            status, shown = self._open(body) if self.path in {"/register", "/login"} else self._closed(body)
        content = b"" if shown is None else json.dumps(shown).encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _open(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        server, name = self.server, body.get("username", "")
        if self.path == "/register":
            server.passwords[name] = body["password"]
            asked = body.get("role") if "role-settable" in server.flaws else None
            return 201, {"username": name, "role": "caretaker" if asked == "caretaker" else "tenant"}
        if server.passwords.get(name) != body.get("password"):
            return 401, {"detail": "no"}
        return 200, {"access_token": server.sign_in(name)}

    def _closed(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if self.path == "/v1/lockers" and "v1-open" in self.server.flaws:
            return 200, list(self.server.lockers.values())
        server, token = self.server, self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.path.startswith(("/lockers", "/logout")):
            return 404, {"detail": "none"}
        if token not in server.sessions:
            return 401, {"detail": "no"}
        if (self.command, self.path) == ("POST", "/logout"):
            if "sign-out-ignored" not in server.flaws:
                del server.sessions[token]
            return 204, None
        who = server.sessions.get(token, "")
        if self.path == "/lockers":
            mine = [each for each in server.lockers.values() if server.owners[each["id"]] == who]
            if LIVELY in server.flaws:
                mine = [{**each, "readings": next(server.readings)} for each in mine]
            return server.add(who, body) if self.command == "POST" else (200, mine)
        name, _, action = self.path.removeprefix("/lockers/").partition("/")
        return self._one(who, name, action, body)

    def _move(self, locker: dict[str, Any], place: Mapping[str, Any]) -> tuple[int, Any]:
        fits = {name: value for name, value in place.items() if 1 <= value <= 40}
        if len(fits) == len(place) or "half-moved" in self.server.flaws:
            locker.update(fits)
        return (200, locker) if len(fits) == len(place) else (422, {"detail": "there is no such place"})

    def _one(self, who: str, name: str, action: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        server = self.server
        may_open = action == "open" and "opened-by-anybody" in server.flaws
        if name not in server.lockers or not (server.owners[name] == who or may_open):
            return 404, {"detail": "none"}
        if action:
            server.lockers[name] = {**server.lockers[name], "state": "open"}
            return 200, server.lockers[name]
        if self.command == "GET":
            return 200, server.lockers[name]
        if self.command == "PATCH":
            return self._move(server.lockers[name], body.get("place", {}))
        if "deletion-ignored" not in server.flaws:
            del server.lockers[name]
        return 204, None
