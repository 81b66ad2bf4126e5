"""A tiny notes service with accounts, roles and JSON Web Tokens: sound, or flawed where it is asked to be.

Each flaw is one way in which services of this kind are wrong; the sound one is right in all of them.
"""

import argparse
import contextlib
import html
import json
import os
import re
import secrets
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.targets.notes_access import Asked, Door, Refused, Told, member
from tests.targets.notes_document import document
from tests.targets.notes_flaws import FLAWS

_USERS = {"alice": "user", "bob": "user", "carol": "admin"}
_PATHS = (
    *("/api/v2/notes", "/api/v2/notes/[^/]+", "/api/v2/search", "/api/v2/me", "/api/v2/hooks"),
    *("/api/v2/hooks/[^/]+", "/api/v2/attachments", "/api/v2/admin/users", "/api/v2/logout"),
    "/api/v2/me/reset-token",
)


class NotesServer(ThreadingHTTPServer):
    """Holds accounts and notes, and what was asked; use it as a context.

    `ended` names who called an operation that ends the caller's own credential; `prefix` is its base path.
    """

    daemon_threads = True

    def __init__(self, *flaws: str, port: int = 0, prefix: str = "") -> None:
        assert set(flaws) <= set(FLAWS), set(flaws) - set(FLAWS)
        super().__init__(("127.0.0.1", port), _Handler)
        self.flaws = frozenset(flaws)
        self.users = {name: {"role": role, "password": f"long-{name}-pass"} for name, role in _USERS.items()}
        self.notes: dict[str, dict[str, Any]] = {}
        self.hooks: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        self.ended: list[str] = []
        self.prefix = prefix
        self.door = Door(self)
        self.lock = threading.RLock()
        for name in ("alice", "bob", "carol"):
            self.add_note(name, {"title": f"{name}'s first", "text": "hello"})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has(self, flaw: str) -> bool:
        return flaw in self.flaws

    def add_note(self, owner: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            note = {
                "id": f"note-{secrets.token_hex(6)}",
                "owner_id": owner,
                "created_at": "2026-11-26T08:00:00Z",
                "title": body["title"],
                "text": body.get("text", ""),
            }
            if self.has("owner-settable"):
                note["owner_id"] = body.get("owner_id", owner)
            if self.has("read-only-settable"):
                note["created_at"] = body.get("created_at", note["created_at"])
            self.notes[note["id"]] = note
            return note

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
    server: NotesServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def version_string(self) -> str:
        return "notes/1.4.2" if self.server.has("banner") else "notes"

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        self.server.asked.append((self.command, split.path))
        try:
            body = json.loads(raw) if raw else None
            query = dict(parse_qsl(split.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = Service(self.server).answer(Asked(self.command, split.path, query, headers, body))
        except (ValueError, RecursionError):
            told = Told(400, {"status": 400})
        except Refused as refused:
            told = refused.told
        self._send(told)

    def _send(self, told: Told) -> None:
        content = b"" if told.body is None else _bytes(told.body)
        self.send_response(told.status)
        self.send_header("Content-Type", told.media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class Service:
    """Answers one request."""

    def __init__(self, server: NotesServer) -> None:
        self.server = server
        self.has = server.has

    def answer(self, asked: Asked) -> Told:
        if not asked.path.startswith(self.server.prefix):
            raise Refused(404)
        asked = asked._replace(path=asked.path.removeprefix(self.server.prefix))
        if asked.method == "TRACE" and self.has("trace"):
            return Told(200, json.dumps(dict(asked.headers)), media_type="message/http")
        for told in (self._open_door(asked), self._page(asked)):
            if told is not None:
                return told
        path = asked.path
        if self.has("evaded-by-slash") and path.endswith("/") and path != "/":
            return self._guarded(asked._replace(path=path.rstrip("/")), "alice")
        if self.has("v1-open") and path.startswith("/api/v1/"):
            return self._guarded(asked._replace(path=path.replace("/v1/", "/v2/")), "alice")
        if not path.startswith("/api/v2/") or self._route(path) is None:
            raise Refused(404)
        return self._guarded(asked, self.server.door.caller(asked))

    def _open_door(self, asked: Asked) -> Told | None:
        """What asks for no credentials."""
        door = self.server.door
        routes: Mapping[tuple[str, str], Callable[[Asked], Told]] = {
            ("GET", "/openapi.json"): lambda _: Told(200, document(self.server.prefix)),
            ("GET", "/health"): lambda _: Told(200, {"status": "ok"}),
            ("POST", "/login"): door.log_in,
            ("POST", "/register"): door.register,
            ("GET", "/greeting"): self._greeting,
            ("GET", "/page"): self._heading,
            ("GET", "/exit"): self._exit,
        }
        method = "GET" if asked.method == "HEAD" else asked.method
        allowed = [verb for verb, path in routes if path == asked.path]
        if allowed and method not in allowed:
            raise Refused(405, Allow=", ".join(allowed))
        found = routes.get((method, asked.path))
        return None if found is None else found(asked)

    def _page(self, asked: Asked) -> Told | None:
        """What should not be there at all."""
        pages = {
            "debug-open": ("/debug/env", '{"DATABASE_URL": "postgres://u:p@db/notes"}'),
            "env-served": ("/.env", "SECRET_KEY=abc\nDEBUG=1\n"),
            "listing": ("/uploads/", "<title>Index of /uploads/</title><a href=x>x</a>"),
        }
        for flaw, (path, text) in pages.items():
            if self.has(flaw) and asked.path == path:
                return Told(200, text, media_type="text/html" if flaw == "listing" else "text/plain")
        return None

    # -- what takes a text

    def _greeting(self, asked: Asked) -> Told:
        name = asked.query.get("name", "you")
        if self.has("template"):
            name = re.sub(r"\{\{(\d+)\*(\d+)\}\}", lambda m: str(int(m[1]) * int(m[2])), name)
        if self.has("command"):
            computed = re.search(r"\$\(\((\d+)\*(\d+)\)\)", name)  # what a shell would make of it
            name = str(int(computed[1]) * int(computed[2])) if computed else name
        language = asked.query.get("language", "en")
        if not self.has("header-split"):
            language = re.sub(r"[\r\n]", "", language)
        return Told(200, {"greeting": f"Hello {name}"}, {"Content-Language": language})

    def _heading(self, asked: Asked) -> Told:
        heading = asked.query.get("heading", "Notes")
        shown = heading if self.has("unescaped") else html.escape(heading)
        host = asked.headers.get("x-forwarded-host", "") if self.has("host-believed") else ""
        link = f"http://{host}/start" if host else "/start"
        page = f'<h1>{shown}</h1><a href="{link}">start</a>'
        return Told(200, page, {"Content-Security-Policy": "frame-ancestors 'none'"}, "text/html")

    def _exit(self, asked: Asked) -> Told:
        where = asked.query.get("next", "/")
        is_own = where.startswith("/") and not where.startswith(("//", "/\\"))
        if not is_own and not self.has("open-redirect"):
            raise Refused(400)
        return Told(302, None, {"Location": re.sub(r"[\r\n]", "", where)})

    # -- behind the door

    def _route(self, path: str) -> str | None:
        return next((pattern for pattern in _PATHS if re.fullmatch(pattern, path)), None)

    def _guarded(self, asked: Asked, caller: str) -> Told:
        methods: Mapping[str, Mapping[str, Callable[[Asked, str], Told]]] = {
            "/api/v2/notes": {"GET": self._list, "POST": self._create},
            "/api/v2/notes/[^/]+": {"GET": self._read, "PUT": self._change, "DELETE": self._delete},
            "/api/v2/search": {"GET": self._search},
            "/api/v2/me": {"GET": self._me},
            "/api/v2/hooks": {"POST": self._hook},
            "/api/v2/hooks/[^/]+": {"GET": self._read_hook},
            "/api/v2/attachments": {"GET": self._attachment},
            "/api/v2/admin/users": {"GET": self._users},
            "/api/v2/logout": {"GET": self._end, "POST": self._end},
            "/api/v2/me/reset-token": {"POST": self._end},
        }
        here = methods.get(self._route(asked.path) or "")
        if here is None:
            raise Refused(404)
        method = "GET" if asked.method == "HEAD" else asked.method
        if method not in here:
            raise Refused(405, Allow=", ".join(here))
        return here[method](asked, caller)

    def _list(self, asked: Asked, caller: str) -> Told:
        every = [
            each
            for each in self.server.notes.values()
            if each["owner_id"] == caller or self.has("list-unscoped")
        ]
        return Told(200, {"items": every})

    def _create(self, asked: Asked, caller: str) -> Told:
        if not member(asked.body, "title"):
            raise Refused(422)
        note = self.server.add_note(caller, asked.body)
        return Told(201, note, {"Location": f"{self.server.prefix}/api/v2/notes/{note['id']}"})

    def _note(self, asked: Asked, caller: str, flaw: str) -> dict[str, Any]:
        note = self.server.notes.get(asked.path.rpartition("/")[2])
        if note is None or (note["owner_id"] != caller and not self.has(flaw)):
            raise Refused(404)
        return note

    def _read(self, asked: Asked, caller: str) -> Told:
        return Told(200, self._note(asked, caller, "bola-read"))

    def _change(self, asked: Asked, caller: str) -> Told:
        note = self._note(asked, caller, "bola-write")
        if not member(asked.body, "title"):
            raise Refused(422)
        note.update({name: asked.body[name] for name in ("title", "text") if name in asked.body})
        return Told(200, note)

    def _delete(self, asked: Asked, caller: str) -> Told:
        note = self._note(asked, caller, "bola-delete")
        del self.server.notes[note["id"]]
        return Told(204)

    def _search(self, asked: Asked, caller: str) -> Told:
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE notes (title TEXT, owner TEXT)")
        rows = [(each["title"], each["owner_id"]) for each in list(self.server.notes.values())]
        database.executemany("INSERT INTO notes VALUES (?, ?)", rows)
        text = asked.query.get("q", "")
        if self.has("sql-blind") and (told := re.search(r"'\|\|pg_sleep\((\d+)\)", text)):
            time.sleep(int(told[1]))  # what PostgreSQL would do
        try:
            if self.has("sql") or self.has("sql-error"):
                found = database.execute(f"SELECT title FROM notes WHERE title LIKE '%{text}%'").fetchall()
            else:
                found = database.execute(
                    "SELECT title FROM notes WHERE owner = ? AND title LIKE ?", (caller, f"%{text}%")
                ).fetchall()
        except sqlite3.Error as problem:
            raise Refused(
                400, f"sqlite3.OperationalError: {problem}" if self.has("sql-error") else ""
            ) from None
        finally:
            database.close()
        return Told(200, {"items": [title for (title,) in found] if not self.has("sql-error") else []})

    def _me(self, asked: Asked, caller: str) -> Told:
        told = {"username": caller, "role": self.server.users[caller]["role"]}
        if self.has("hash-shown"):
            told["password_hash"] = "$argon2id$v=19$m=65536"
        return Told(200, told)

    def _hook(self, asked: Asked, caller: str) -> Told:
        address = member(asked.body, "url")
        inner = urlsplit(address).hostname in {"127.0.0.1", "localhost", "::ffff:127.0.0.1"}
        if not address.startswith(("http://", "https://")) or (inner and not self.has("ssrf")):
            raise Refused(422)
        if self.has("ssrf") and inner:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=2).read()
        hook = {"id": f"hook-{secrets.token_hex(6)}", "url": address}
        self.server.hooks[hook["id"]] = {**hook, "owner": caller}
        return Told(201, hook, {"Location": f"{self.server.prefix}/api/v2/hooks/{hook['id']}"})

    def _read_hook(self, asked: Asked, caller: str) -> Told:
        hook = self.server.hooks.get(asked.path.rpartition("/")[2])
        if hook is None or hook["owner"] != caller:
            raise Refused(404)
        return Told(200, {"id": hook["id"], "url": hook["url"]})

    def _attachment(self, asked: Asked, caller: str) -> Told:
        name = asked.query.get("name", "")
        if not self.has("traversal"):
            if name != "readme.txt":
                raise Refused(404)
            return Told(200, "a file", media_type="text/plain")
        try:
            file = Path(os.path.normpath(f"/srv/attachments/{unquote(name)}"))
            return Told(200, file.read_text(), media_type="text/plain")
        except (OSError, ValueError):
            return Told(200, "a file", media_type="text/plain")

    def _end(self, asked: Asked, caller: str) -> Told:
        self.server.ended.append(caller)
        if asked.path.endswith("/logout"):
            self.server.door.ended.add(asked.headers["authorization"].partition(" ")[2])
        return Told(204)

    def _users(self, asked: Asked, caller: str) -> Told:
        if self.server.users[caller]["role"] != "admin" and not self.has("role-unchecked"):
            raise Refused(403)
        return Told(200, {"items": sorted(self.server.users)})


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def main() -> None:
    """Serve until killed: `python -m tests.targets.notes_api --port 8000 --flaw sql`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flaw", action="append", default=[], choices=FLAWS)
    options = parser.parse_args()
    server = NotesServer(*options.flaw, port=options.port)
    print(server.url, *(f"{name}={server.door.token(name)}" for name in _USERS), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
