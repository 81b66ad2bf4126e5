"""Every decision of the ticket service that is worth breaking, one method each; a defect replaces one."""

import asyncio
import ipaddress
import json
import re
import secrets
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from litestar import Request
from litestar.handlers import HTTPRouteHandler

LIFETIME = 3600.0
LARGEST_PAGE = 40
LARGEST_FILE = 100_000
_TRIES, _WINDOW = 6, 60.0
Headers = dict[str, str]


@dataclass(kw_only=True)
class User:
    """Somebody who can sign in."""

    username: str
    password: str
    role: Literal["customer", "agent"] = "customer"
    id: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(kw_only=True)
class Session:
    """One sign-in; its token is opaque."""

    user: User
    expires: float
    ended: bool = False


@dataclass(kw_only=True)
class Ticket:
    """What somebody needs help with."""

    owner: User
    number: int
    subject: str
    body: str
    priority: str
    status: str = "open"
    assignee: str = ""
    version: int = 1
    deleted: bool = False
    comments: list["Comment"] = field(default_factory=list)


@dataclass(kw_only=True)
class Comment:
    """Something said about a ticket."""

    author: User
    text: str
    internal: bool = False


@dataclass(kw_only=True)
class Attachment:
    """A file of a ticket."""

    ticket: Ticket
    name: str
    media_type: str
    content: bytes
    id: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(kw_only=True)
class Store:
    """All that the service knows; it lives as long as the process."""

    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tickets: list[Ticket] = field(default_factory=list)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    requests: Counter[int] = field(default_factory=Counter)


class Rules:
    """The sound service."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._failures: dict[str, list[float]] = {}

    # Who is calling.

    def new_token(self, user: User) -> str:
        return secrets.token_urlsafe(32)

    def token_of(self, request: Request[Any, Any, Any]) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def session_of(self, token: str) -> Session | None:
        found = self.store.sessions.get(token)
        return found if found is not None and not self.is_over(found) else None

    def is_over(self, session: Session) -> bool:
        return session.ended or session.expires < time.monotonic()

    def is_open(self, operation: str) -> bool:
        return False

    def is_for_agents(self, operation: str) -> bool:
        return True

    def may_see(self, user: User, ticket: Ticket) -> bool:
        return user.role == "agent" or ticket.owner is user

    def may_change(self, user: User, ticket: Ticket) -> bool:
        return user.role == "agent" or ticket.owner is user

    def may_delete(self, user: User, ticket: Ticket) -> bool:
        return user.role == "agent" or ticket.owner is user

    def may_see_file(self, user: User, attachment: Attachment) -> bool:
        return self.may_see(user, attachment.ticket)

    def settable(self, user: User) -> frozenset[str]:
        mine = frozenset({"subject", "body", "priority"})
        return mine | {"status"} if user.role == "agent" else mine

    def login_refusal(self, *, is_known: bool) -> str:
        return "User name or password is wrong"

    def is_throttled(self, username: str) -> bool:
        now = time.monotonic()
        self._failures[username] = [at for at in self._failures.get(username, []) if now - at < _WINDOW]
        return len(self._failures[username]) >= _TRIES

    def login_failed(self, username: str) -> None:
        self._failures.setdefault(username, []).append(time.monotonic())

    # What is shown.

    def user_out(self, user: User) -> dict[str, object]:
        return {"id": user.id, "username": user.username, "role": user.role}

    def ticket_out(self, ticket: Ticket) -> dict[str, object]:
        names = ("number", "subject", "body", "priority", "status", "version")
        return {**{name: getattr(ticket, name) for name in names}, "assignee": ticket.assignee or None}

    def comments_for(self, user: User, ticket: Ticket) -> Sequence[Comment]:
        return [item for item in ticket.comments if user.role == "agent" or not item.internal]

    def page_size(self, asked: int) -> int:
        return min(asked, LARGEST_PAGE)

    def page(self, found: Sequence[Ticket], after: int, size: int) -> tuple[Sequence[Ticket], int | None]:
        """Return the tickets after a number, and the number to go on from when there are more."""
        rest = [item for item in found if item.number > after]
        return rest[:size], rest[size - 1].number if len(rest) > size else None

    def search(self, found: Sequence[Ticket], words: str) -> Sequence[Ticket]:
        return [item for item in found if words.lower() in f"{item.subject} {item.body}".lower()]

    def is_there(self, ticket: Ticket) -> bool:
        return not ticket.deleted

    def etag(self, ticket: Ticket) -> str:
        return f'"{ticket.number}.{ticket.version}"'

    def is_stale(self, asked: str, ticket: Ticket) -> bool:
        return (
            bool(asked)
            and asked != "*"
            and self.etag(ticket) not in [item.strip() for item in asked.split(",")]
        )

    def is_unchanged(self, asked: str, ticket: Ticket) -> bool:
        return self.etag(ticket) in [item.strip().removeprefix("W/") for item in asked.split(",")]

    # What may be written.

    def is_priority(self, text: str) -> bool:
        return text in {"low", "normal", "high"}

    def change(self, ticket: Ticket, values: Mapping[str, Any]) -> str:
        """Change a ticket whole or not at all; return why it was refused."""
        if values.get("status") == "open" and ticket.status == "closed":
            return "A closed ticket stays closed"
        for name, value in values.items():
            setattr(ticket, name, value)
        ticket.version += 1
        return ""

    def is_attachment(self, name: str, content: bytes) -> bool:
        return len(content) <= LARGEST_FILE and re.fullmatch(r"[\w .-]{1,80}", name) is not None

    def inline(self, attachment: Attachment) -> Headers:
        return {"Content-Disposition": "attachment", "Content-Security-Policy": "sandbox"}

    def created_status(self) -> int:
        return 201

    async def describe(self, attachment: Attachment) -> str:
        """Return what the system's `file` would call it; names never get near a shell."""
        kinds = {b"\x89PNG": "PNG image", b"%PDF": "PDF document", b"PK\x03\x04": "Zip archive"}
        return next((text for start, text in kinds.items() if attachment.content.startswith(start)), "data")

    def may_call(self, url: str) -> bool:
        """Whether every address behind the URL is a public one."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 80)
        except (OSError, ValueError):
            return False
        return all(ipaddress.ip_address(item[4][0]).is_global for item in found)

    def template(self, name: str, folder: Path) -> Path | None:
        return folder / f"{name}.txt" if re.fullmatch(r"[a-z-]{1,30}", name) else None

    # How it is said.

    def error_body(self, status: int, detail: str) -> dict[str, object]:
        return {"status_code": status, "detail": detail}

    def headers(self, request: Request[Any, Any, Any], status: int) -> Headers:
        """Return the headers that an answer gets."""
        found = {"X-Content-Type-Options": "nosniff", "Cache-Control": self.caching(request)}
        if status == 401:
            found |= self.challenge()
        return found | self.cross_origin(request) | self.echo(request)

    def caching(self, request: Request[Any, Any, Any]) -> str:
        is_private = "authorization" in request.headers or request.method not in {"GET", "HEAD"}
        return "no-store" if is_private else "no-cache"

    def challenge(self) -> Headers:
        return {"WWW-Authenticate": 'Bearer realm="tickets"'}

    def header(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        """Return a header as it leaves; where GET is allowed, HEAD is."""
        name, value = header
        return (name, value.replace(b"GET", b"GET, HEAD")) if name.lower() == b"allow" else header

    def echo(self, request: Request[Any, Any, Any]) -> Headers:
        asked = request.headers.get("x-request-id", "")
        return {"X-Request-Id": asked if re.fullmatch(r"[\w-]{1,64}", asked) else secrets.token_hex(8)}

    def cross_origin(self, request: Request[Any, Any, Any]) -> Headers:
        return {}

    def encoded(self, body: bytes, status: int) -> bytes:
        return body

    def health(self) -> dict[str, object]:
        return {"status": "ok", "tickets": len(self.store.tickets)}

    def count(self, status: int) -> None:
        self.store.requests[status] += 1

    def extra_handlers(self) -> list[HTTPRouteHandler]:
        return []


async def run(command: str, content: bytes) -> bytes:
    """Run a command line; only a defect does."""
    child = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await child.communicate(content)
    return out


def as_json(value: object) -> bytes:
    """Return it as JSON."""
    return json.dumps(value).encode()
