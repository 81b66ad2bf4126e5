"""The reference as processes on a given database and Redis, and a visitor who uses it over HTTP."""

import os
import secrets
import socket
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from harness.core.spawn import Child, run_tool, spawn
from scenarios.containers.polling import until

_COMMAND = str(Path(sysconfig.get_path("scripts")) / "core-reference")
_BOOT_SECONDS = 120.0
_CLIENT_SECONDS = 30.0
_UPLOAD = """
mutation Upload($title: String!, $content: String!) {
  uploadDocument(title: $title, content: $content, format: MARKDOWN) {
    document { id }
    userErrors { message }
  }
}
"""
_EXTRACT = """
mutation Extract($id: ID!) {
  extractChapters(input: {documentId: $id}) { document { id } userErrors { message } }
}
"""
_CHAPTERS = "query Chapters($id: ID!) { chapters(documentId: $id, first: 10) { edges { node { title } } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer and how long it took to come."""

    response: httpx.Response
    seconds: float

    @property
    def status(self) -> int:
        return self.response.status_code

    def document(self) -> dict[str, Any]:
        document = self.response.json()
        assert isinstance(document, dict)
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One serving process and a client of it; a fresh connection for every request."""

    url: str
    child: Child
    client: httpx.Client

    def ask(self, method: str, path: str, **arguments: Any) -> Answered:
        started = time.monotonic()
        response = self.client.request(method, path, **arguments)
        return Answered(response=response, seconds=time.monotonic() - started)

    def readiness(self) -> Answered:
        return self.ask("GET", "/health/ready")

    def dependency(self, name: str) -> str:
        """What readiness says about one dependency: up or down."""
        return str(self.readiness().document()["dependencies"][name]["status"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A user of the platform; `at` moves the same session to another server."""

    server: Server
    email: str
    password: str
    tokens: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def registered(cls, server: Server) -> "Visitor":
        visitor = cls(
            server=server,
            email=f"{secrets.token_hex(6)}@visitors.example.org",
            password=secrets.token_urlsafe(18),
        )
        answer = server.ask("POST", "/auth/register", json=visitor.credentials)
        assert answer.status == 202, answer.response.text
        return visitor

    @property
    def credentials(self) -> dict[str, str]:
        return {"email": self.email, "password": self.password}

    def signed_in(self) -> "Visitor":
        answer = self.server.ask("POST", "/auth/login", json=self.credentials)
        assert answer.status == 200, answer.response.text
        tokens = {name: str(value) for name, value in answer.document().items()}
        return Visitor(server=self.server, email=self.email, password=self.password, tokens=tokens)

    def at(self, server: Server) -> "Visitor":
        return Visitor(server=server, email=self.email, password=self.password, tokens=self.tokens)

    def ask(self, method: str, path: str, **arguments: Any) -> Answered:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **arguments.pop("headers", {})}
        return self.server.ask(method, path, headers=headers, **arguments)

    def send(self, to: str, text: str) -> Answered:
        """Ask the hub to deliver a message to a webhook."""
        message = {"channel": "webhook", "to": to, "text": text, "max_attempts": 20}
        return self.ask("POST", "/api/hub/messages", json=message)

    def message_state(self, message_id: str) -> str:
        answer = self.ask("GET", f"/api/hub/messages/{message_id}")
        assert answer.status == 200, answer.response.text
        return str(answer.document()["state"])

    def chapters_of(self, title: str, content: str) -> tuple[str, ...]:
        """Upload a Markdown document, extract it, and return the titles of its chapters."""
        uploaded = self._graphql(_UPLOAD, title=title, content=content)["uploadDocument"]
        assert uploaded["userErrors"] == []
        document_id = uploaded["document"]["id"]
        extracted = self._graphql(_EXTRACT, id=document_id)["extractChapters"]
        assert extracted["userErrors"] == []
        edges = self._graphql(_CHAPTERS, id=document_id)["chapters"]["edges"]
        return tuple(edge["node"]["title"] for edge in edges)

    def _graphql(self, query: str, **variables: str) -> dict[str, Any]:
        answer = self.ask("POST", "/graphql", json={"query": query, "variables": variables})
        document = answer.document()
        assert answer.status == 200, answer.response.text
        assert "errors" not in document, answer.response.text
        data = document["data"]
        assert isinstance(data, dict)
        return data


class Reference:
    """Starts processes of the reference that share one database, one Redis and one data directory."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        # What the caller's shell says about a reference of its own must not reach this one.
        foreign = {name: "" for name in os.environ if name.startswith("CORE_")}
        self._environment = {**foreign, "CORE_DATA_DIR": str(folder / "data"), **environment}
        self._started = 0

    @property
    def database_url(self) -> str:
        """The database without the reference's choice of a driver."""
        return self._environment["CORE_DATABASE_URL"].replace("+asyncpg", "")

    @property
    def redis_url(self) -> str:
        return self._environment["CORE_REDIS_URL"]

    def migrate(self) -> None:
        log = self._folder / "migrate.log"
        end = run_tool(
            [_COMMAND, "migrate"],
            seconds=_BOOT_SECONDS,
            log=log,
            name="migrate",
            env=self._environment,
            redact=bytes,
        )
        assert end.exit_code == 0, log.read_text(encoding="utf-8", errors="replace")

    @contextmanager
    def serving(self, **environment: str) -> Iterator[Server]:
        """A server that is ready from the first line of the block on."""
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        child = self._start("serve", "--port", str(port), **environment)
        try:
            with httpx.Client(
                base_url=url,
                timeout=_CLIENT_SECONDS,
                trust_env=False,
                limits=httpx.Limits(max_keepalive_connections=0),
            ) as client:
                server = Server(url=url, child=child, client=client)
                until(lambda: _is_ready(server), within=_BOOT_SECONDS, what=f"{child.name} is ready")
                yield server
        finally:
            child.stop()
            assert not child.is_running

    @contextmanager
    def working(self, **environment: str) -> Iterator[Child]:
        """A worker process; the block may kill it."""
        child = self._start("worker", **environment)
        try:
            until(lambda: _has_started(child), within=_BOOT_SECONDS, what=f"{child.name} works")
            yield child
        finally:
            child.stop()
            assert not child.is_running

    def _start(self, *arguments: str, **environment: str) -> Child:
        self._started += 1
        name = f"{arguments[0]}-{self._started}"
        return spawn(
            [_COMMAND, *arguments],
            log=self._folder / f"{name}.log",
            name=name,
            env={**self._environment, **environment},
            redact=bytes,
        )


def _is_ready(server: Server) -> bool:
    _refuse_dead(server.child)
    try:
        return server.readiness().status == 200
    except httpx.TransportError:
        return False


def _has_started(child: Child) -> bool:
    _refuse_dead(child)
    return "worker started" in child.tail(200)


def _refuse_dead(child: Child) -> None:
    assert child.is_running, f"{child.name} ended with {child.poll()}:\n{child.tail()}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
