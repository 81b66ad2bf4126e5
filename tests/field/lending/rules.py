"""Every decision of the lending service that is worth breaking, one method each; a defect replaces one."""

import hashlib
import ipaddress
import json
import re
import secrets
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask import Flask, Request, Response

Row = Mapping[str, Any]

PUBLIC = frozenset({"register", "login", "list_books", "read_book", "read_cover", "health", "metrics"})
LIBRARIANS_ONLY = frozenset(
    {
        "list_members",
        "remove_member",
        "create_book",
        "replace_book",
        "remove_book",
        "import_book",
        "put_cover",
    }
)
LIFETIME = 1800
LARGEST_PAGE = 50
_AUDIENCE = "lending"
_TRIES, _WINDOW = 10, 60.0
_COVER = re.compile(r"[0-9]{1,9}\.png")


class Rules:
    """The sound service."""

    def __init__(self, db: sqlite3.Connection, covers: Path) -> None:
        self.db = db
        self.covers = covers
        self.key = self.signing_key()
        self._failures: dict[str, list[float]] = {}
        self.requests: Counter[int] = Counter()

    # Who is calling.

    def signing_key(self) -> str:
        return secrets.token_hex(32)

    def new_token(self, member: Row) -> str:
        now = int(time.time())
        claims = {"sub": member["id"], "aud": _AUDIENCE, "iat": now, "exp": now + LIFETIME}
        return jwt.encode({**claims, "jti": secrets.token_hex(16), "role": member["role"]}, self.key, "HS256")

    def read_token(self, token: str) -> Row:
        """Return the claims; raises jwt.InvalidTokenError."""
        needed = {"require": ["exp", "sub", "jti"]}
        return jwt.decode(token, self.key, algorithms=["HS256"], audience=_AUDIENCE, options=needed)

    def token_of(self, request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def is_revoked(self, claims: Row) -> bool:
        return bool(self.db.execute("SELECT 1 FROM revoked WHERE jti = ?", [claims["jti"]]).fetchone())

    def is_public(self, endpoint: str) -> bool:
        return endpoint in PUBLIC

    def is_for_librarians(self, endpoint: str) -> bool:
        return endpoint in LIBRARIANS_ONLY

    def may_see(self, member: Row, loan: Row) -> bool:
        return member["role"] == "librarian" or loan["member_id"] == member["id"]

    def may_return(self, member: Row, loan: Row) -> bool:
        return member["role"] == "librarian" or loan["member_id"] == member["id"]

    def role_of_new(self, body: Row) -> str:
        return "member"

    def login_refusal(self, *, is_known: bool) -> str:
        return "User name or password is wrong."

    def is_throttled(self, username: str) -> bool:
        now = time.monotonic()
        recent = [at for at in self._failures.get(username, []) if now - at < _WINDOW]
        self._failures[username] = recent
        return len(recent) >= _TRIES

    def login_failed(self, username: str) -> None:
        self._failures.setdefault(username, []).append(time.monotonic())

    # What is shown.

    def member_out(self, member: Row) -> dict[str, object]:
        return {"id": member["id"], "username": member["username"], "role": member["role"]}

    def book_out(self, book: Row) -> dict[str, object]:
        return {name: book[name] for name in ("id", "title", "author", "isbn", "year")}

    def loan_out(self, loan: Row) -> dict[str, object]:
        state = "returned" if loan["returned"] else "lent"
        return {"id": loan["id"], "book_id": loan["book_id"], "due": loan["due"], "state": state}

    def page_size(self, asked: int) -> int:
        return min(asked, LARGEST_PAGE)

    def offset(self, page: int, size: int) -> int:
        return (page - 1) * size

    def find_books(self, words: str, order: str, size: int, offset: int) -> Sequence[Row]:
        like = f"%{words}%"
        query = (
            "SELECT * FROM books WHERE removed = 0 AND (title LIKE ? OR author LIKE ?)"
            f" ORDER BY {order}, id LIMIT ? OFFSET ?"
        )
        return self.db.execute(query, [like, like, size, offset]).fetchall()

    def is_there(self, book: Row | None) -> bool:
        return book is not None and not book["removed"]

    # What may be written.

    def is_isbn(self, text: str) -> bool:
        return re.fullmatch(r"[0-9]{13}", text) is not None

    def add_book(self, values: Row) -> int | None:
        """Return the new book's id, or None when its ISBN is taken."""
        if self.db.execute("SELECT 1 FROM books WHERE isbn = ? AND removed = 0", [values["isbn"]]).fetchone():
            return None
        return self.insert_book(values)

    def insert_book(self, values: Row) -> int:
        row = [values[name] for name in ("title", "author", "isbn", "year")]
        made = self.db.execute("INSERT INTO books (title, author, isbn, year) VALUES (?, ?, ?, ?)", row)
        assert made.lastrowid is not None
        return made.lastrowid

    def etag(self, book: Row) -> str:
        return f'"{book["id"]}-{book["version"]}"'

    def is_unchanged(self, asked: str, etag: str) -> bool:
        return etag in [item.strip().removeprefix("W/") for item in asked.split(",")] or asked.strip() == "*"

    def is_stale(self, asked: str, etag: str) -> bool:
        return (
            bool(asked) and asked.strip() != "*" and etag not in [item.strip() for item in asked.split(",")]
        )

    def removed_status(self) -> int:
        return 204

    def fingerprint(self, body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def remembered(self, member: Row, key: str) -> Row | None:
        """Return the loan that a key made earlier."""
        found = self.db.execute("SELECT * FROM keys WHERE member_id = ? AND key = ?", [member["id"], key])
        row: Row | None = found.fetchone()
        return row

    def cover_path(self, name: str) -> Path | None:
        return self.covers / name if _COVER.fullmatch(name) else None

    def may_fetch(self, url: str) -> bool:
        """Whether every address behind the URL is a public one."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 80)
        except (OSError, ValueError):
            return False
        return all(ipaddress.ip_address(item[4][0]).is_global for item in found)

    # How it is said.

    def problem(self, status: int, title: str, detail: str) -> dict[str, object]:
        return {"type": "about:blank", "title": title, "status": status, "detail": detail}

    def search_words(self, text: str) -> str:
        return text.strip()

    def media_type(self, endpoint: str) -> str:
        return "application/json"

    def finish(self, request: Request, response: Response) -> None:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cache-Control"] = self.caching(request)
        if response.status_code == 401:
            self.challenge(response)
        if response.status_code == 405:
            self.allow(response)
        self.cross_origin(request, response)

    def caching(self, request: Request) -> str:
        return "no-store" if "Authorization" in request.headers or request.method != "GET" else "no-cache"

    def challenge(self, response: Response) -> None:
        response.headers["WWW-Authenticate"] = 'Bearer realm="lending"'

    def allow(self, response: Response) -> None:
        """Werkzeug names the methods; nothing is to be done."""

    def cross_origin(self, request: Request, response: Response) -> None:
        """No other origin has business here."""

    def count(self, status: int) -> None:
        self.requests[status] += 1

    def extra_routes(self, app: Flask) -> None:
        """Nothing but what is documented."""


def body_of(request: Request) -> Row:
    """Return the JSON object of a request that was validated before."""
    found: Row = json.loads(request.get_data())
    return found
