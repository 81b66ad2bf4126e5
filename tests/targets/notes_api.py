"""A tiny notes service with accounts, roles and JSON Web Tokens: sound, or flawed where it is asked to be.

Each flaw is one way in which services of this kind are wrong; the sound one is right in all of them.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
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
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.targets.notes_document import document

#: Flaw by flaw, what is wrong.
FLAWS: Mapping[str, str] = {
    "no-challenge": "401 without WWW-Authenticate",
    "no-bearer-error": "a refused token without an error code",
    "token-in-query": "?access_token= opens what the header opens",
    "evaded-by-slash": "a trailing slash goes past the check",
    "evaded-by-claim": "X-Forwarded-For: 127.0.0.1 goes past the check",
    "signature-unchecked": "tokens are read without being verified",
    "alg-none": "a token with alg none is taken",
    "jku-fetched": "the key set that a token names is fetched and believed",
    "jwk-believed": "the key inside a token is believed",
    "weak-secret": "tokens are signed with `secret`",
    "no-exp": "tokens without exp",
    "exp-ignored": "expired tokens are taken",
    "bola-read": "anybody signed in reads any note",
    "bola-write": "anybody signed in changes any note",
    "bola-delete": "anybody signed in deletes any note",
    "list-unscoped": "the list shows everybody's notes",
    "role-unchecked": "everybody signed in may do what administrators may",
    "owner-settable": "a body sets the owner",
    "read-only-settable": "a body sets created_at",
    "hash-shown": "the own account comes with its password hash",
    "sql": "the search glues its text into a statement",
    "sql-error": "the search answers with the database's own words",
    "template": "the greeting evaluates what stands in {{ }}",
    "command": "the greeting is computed as a shell would",
    "traversal": "attachments are opened by any path",
    "header-split": "a line break in the language becomes a header",
    "unescaped": "the page shows its heading unescaped",
    "ssrf": "a webhook's address is called at once, wherever it is",
    "open-redirect": "the exit goes anywhere",
    "host-believed": "links are built from X-Forwarded-Host",
    "debug-open": "an environment dump",
    "env-served": "the file .env",
    "listing": "a folder lists its files",
    "v1-open": "the first version asks for nothing",
    "trace": "TRACE gives the headers back",
    "banner": "the version of the server",
    "cookie-open": "the session cookie is open to scripts",
    "token-cached": "tokens without no-store",
    "token-in-link": "a link with the token in it",
    "unthrottled": "passwords may be guessed for ever",
    "enumerable": "an unknown name is told so",
    "short-password": "passwords of five characters",
    "common-password": "the most common passwords",
}

_SECRET = "sound-8c1f0e5d7a3b4f6e9d2c1b0a59687746"
_USERS = {"alice": "user", "bob": "user", "carol": "admin"}
_COMMON = frozenset({"password1", "1234567890", "qwertyuiop", "passwordpassword"})
_MOST_FAILURES = 10
_PATHS = (
    *("/api/v2/notes", "/api/v2/notes/[^/]+", "/api/v2/search", "/api/v2/me", "/api/v2/hooks"),
    *("/api/v2/hooks/[^/]+", "/api/v2/attachments", "/api/v2/admin/users"),
)


class Asked(NamedTuple):
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class Told(NamedTuple):
    status: int
    body: Any = None
    headers: Mapping[str, str] = {}
    media_type: str = "application/json"


class Refused(Exception):
    def __init__(self, status: int, detail: str = "", **headers: str) -> None:
        super().__init__(detail)
        self.told = Told(
            status,
            {"status": status, "title": detail or "Refused"},
            {name.replace("_", "-"): value for name, value in headers.items()},
            "application/problem+json",
        )


class NotesServer(ThreadingHTTPServer):
    """Holds accounts and notes; use it as a context. `moved` is how far its clock is ahead."""

    daemon_threads = True

    def __init__(self, *flaws: str, port: int = 0) -> None:
        assert set(flaws) <= set(FLAWS), set(flaws) - set(FLAWS)
        super().__init__(("127.0.0.1", port), _Handler)
        self.flaws = frozenset(flaws)
        self.secret = "secret" if "weak-secret" in flaws else _SECRET
        self.users = {name: {"role": role, "password": f"long-{name}-pass"} for name, role in _USERS.items()}
        self.notes: dict[str, dict[str, Any]] = {}
        self.hooks: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.RLock()
        for name in ("alice", "bob", "carol"):
            self.add_note(name, {"title": f"{name}'s first", "text": "hello"})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has(self, flaw: str) -> bool:
        return flaw in self.flaws

    def token(self, name: str, *, age: float = 0.0) -> str:
        """Return a token as its log-in would, or one of an age."""
        now = int(time.time() - age)
        claims = {"sub": name, "role": self.users[name]["role"], "iat": now, "exp": now + 3600}
        if self.has("no-exp"):
            del claims["exp"]
        signed = f"{_encode({'alg': 'HS256', 'typ': 'at+jwt'})}.{_encode(claims)}"
        return f"{signed}.{_text(_mac(self.secret.encode(), signed))}"

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
        except ValueError:
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
        return self._guarded(asked, self._caller(asked))

    def _open_door(self, asked: Asked) -> Told | None:
        """What asks for no credentials."""
        routes: Mapping[tuple[str, str], Callable[[Asked], Told]] = {
            ("GET", "/openapi.json"): lambda _: Told(200, document()),
            ("GET", "/health"): lambda _: Told(200, {"status": "ok"}),
            ("POST", "/login"): self._login,
            ("POST", "/register"): self._register,
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

    # -- who is calling

    def _caller(self, asked: Asked) -> str:
        if self.has("evaded-by-claim") and asked.headers.get("x-forwarded-for") == "127.0.0.1":
            return "alice"
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if not token and self.has("token-in-query"):
            scheme, token = "Bearer", asked.query.get("access_token", "")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, **self._challenge(""))
        name = self._verified(token)
        if name not in self.server.users:
            raise Refused(401, **self._challenge("invalid_token"))
        return name

    def _challenge(self, error: str) -> dict[str, str]:
        if self.has("no-challenge"):
            return {}
        told = f', error="{error}"' if error and not self.has("no-bearer-error") else ""
        return {"WWW_Authenticate": f'Bearer realm="notes"{told}'}

    def _verified(self, token: str) -> str:
        try:
            first, second, third = token.split(".")
            header, claims = _decode(first), _decode(second)
        except (ValueError, TypeError):
            return ""
        if not isinstance(header, dict) or not isinstance(claims, dict):
            return ""
        if not self._is_signed(header, f"{first}.{second}", third):
            return ""
        if not self.has("exp-ignored") and claims.get("exp", time.time() + 9) < time.time():
            return ""
        return str(claims.get("sub", ""))

    def _is_signed(self, header: Mapping[str, Any], signed: str, signature: str) -> bool:
        if self.has("signature-unchecked"):
            return str(header.get("alg")).lower() != "none" and bool(signature)
        if self.has("alg-none") and str(header.get("alg")).lower() == "none":
            return not signature
        if self.has("jku-fetched") and "jku" in header:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(header["jku"], timeout=2).read()
        if self.has("jwk-believed") and isinstance(header.get("jwk"), dict):
            return _is_rsa_signed(header["jwk"], signed, signature)
        expected = _text(_mac(self.server.secret.encode(), signed))
        return header.get("alg") == "HS256" and hmac.compare_digest(expected, signature)

    # -- the front door

    def _login(self, asked: Asked) -> Told:
        name, password = _member(asked.body, "username"), _member(asked.body, "password")
        failures = self.server.failures
        if failures.get(name, 0) >= _MOST_FAILURES and not self.has("unthrottled"):
            raise Refused(429, Retry_After="60")
        user = self.server.users.get(name)
        if user is None or user["password"] != password:
            failures[name] = failures.get(name, 0) + 1
            unknown = user is None and self.has("enumerable")
            raise Refused(401, "No such user" if unknown else "Wrong", **self._challenge(""))
        token = self.server.token(name)
        headers = {} if self.has("token-cached") else {"Cache-Control": "no-store"}
        open_cookie = self.has("cookie-open")
        headers["Set-Cookie"] = f"session={token}" + ("" if open_cookie else "; HttpOnly; SameSite=Lax")
        told: dict[str, Any] = {"access_token": token, "token_type": "bearer"}
        if self.has("token-in-link"):
            told["next"] = f"/start?access_token={token}"
        return Told(200, told, headers)

    def _register(self, asked: Asked) -> Told:
        name, password = _member(asked.body, "username"), _member(asked.body, "password")
        if len(password) < 8 and not self.has("short-password"):
            raise Refused(422, "too short")
        if password in _COMMON and not self.has("common-password"):
            raise Refused(422, "too common")
        if name in self.server.users:
            raise Refused(409)
        self.server.users[name] = {"role": "user", "password": password}
        return Told(201, {"username": name})

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
        if not _member(asked.body, "title"):
            raise Refused(422)
        note = self.server.add_note(caller, asked.body)
        return Told(201, note, {"Location": f"/api/v2/notes/{note['id']}"})

    def _note(self, asked: Asked, caller: str, flaw: str) -> dict[str, Any]:
        note = self.server.notes.get(asked.path.rpartition("/")[2])
        if note is None or (note["owner_id"] != caller and not self.has(flaw)):
            raise Refused(404)
        return note

    def _read(self, asked: Asked, caller: str) -> Told:
        return Told(200, self._note(asked, caller, "bola-read"))

    def _change(self, asked: Asked, caller: str) -> Told:
        note = self._note(asked, caller, "bola-write")
        if not _member(asked.body, "title"):
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
        address = _member(asked.body, "url")
        inner = urlsplit(address).hostname in {"127.0.0.1", "localhost", "::ffff:127.0.0.1"}
        if not address.startswith(("http://", "https://")) or (inner and not self.has("ssrf")):
            raise Refused(422)
        if self.has("ssrf") and inner:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=2).read()
        hook = {"id": f"hook-{secrets.token_hex(6)}", "url": address}
        self.server.hooks[hook["id"]] = {**hook, "owner": caller}
        return Told(201, hook)

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

    def _users(self, asked: Asked, caller: str) -> Told:
        if self.server.users[caller]["role"] != "admin" and not self.has("role-unchecked"):
            raise Refused(403)
        return Told(200, {"items": sorted(self.server.users)})


def _member(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if value is not None and not isinstance(value, str):
        raise Refused(422)
    return value or ""


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _mac(key: bytes, signed: str) -> bytes:
    return hmac.digest(key, signed.encode(), "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encode(members: Mapping[str, Any]) -> str:
    return _text(json.dumps(members).encode())


def _decode(text: str) -> Any:
    return json.loads(_raw(text))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_rsa_signed(jwk: Mapping[str, str], signed: str, signature: str) -> bool:
    modulus, exponent = (int.from_bytes(_raw(jwk[name]), "big") for name in ("n", "e"))
    opened = pow(int.from_bytes(_raw(signature), "big"), exponent, modulus).to_bytes(256, "big")
    return opened.endswith(hashlib.sha256(signed.encode()).digest())


def main() -> None:
    """Serve until killed: `python -m tests.targets.notes_api --port 8000 --flaw sql`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flaw", action="append", default=[], choices=FLAWS)
    options = parser.parse_args()
    server = NotesServer(*options.flaw, port=options.port)
    print(server.url, *(f"{name}={server.token(name)}" for name in _USERS), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
