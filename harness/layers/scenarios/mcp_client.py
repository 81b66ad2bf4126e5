"""The Model Context Protocol over streamable HTTP, as much of it as scenarios need."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx

from harness.layers.scenarios.expect import asked, expect_status, json_of, shown

_VERSION = "2025-11-25"
#: What a client says first.
HELLO: Mapping[str, object] = {
    "protocolVersion": _VERSION,
    "capabilities": {},
    "clientInfo": {"name": "core-harness", "version": "1"},
}
_ACCEPT = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": _VERSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """How a tool call ended: carried out, or refused in one of the three ways that the protocol knows."""

    status: int
    error: Mapping[str, Any] | None
    result: Mapping[str, Any] | None

    @property
    def was_carried_out(self) -> bool:
        """Whether the tool ran and did not say that it failed."""
        return self.result is not None and not self.result.get("isError", False)


class McpSession:
    """One client's session with one server."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self._client = client
        self._path = path
        self._headers: dict[str, str] = dict(_ACCEPT)
        self._number = 0

    @property
    def id(self) -> str:
        """Return the session's id; empty when the server gave none."""
        return self._headers.get("Mcp-Session-Id", "")

    def within(self, session: str) -> Self:
        """Send what follows within a session, whoever opened it."""
        self._headers["Mcp-Session-Id"] = session
        return self

    def open(self) -> Mapping[str, Any]:
        """Initialize, and return what the server says of itself."""
        answer = expect_status(self.post("initialize", HELLO), 200)
        if session := answer.headers.get("mcp-session-id"):
            self._headers["Mcp-Session-Id"] = session
        result: Mapping[str, Any] = self._message(answer)["result"]
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        self._client.post(self._path, json=note, headers=self._headers)
        return result

    def tools(self) -> Sequence[Mapping[str, Any]]:
        """Return all tools that the server lists for this caller."""
        answer = expect_status(self.post("tools/list", {}), 200)
        listed: Sequence[Mapping[str, Any]] = self._message(answer)["result"]["tools"]
        return listed

    def call(self, tool: str, arguments: Mapping[str, object]) -> CallEnd:
        """Call a tool and say how it ended."""
        answer = self.post("tools/call", {"name": tool, "arguments": dict(arguments)})
        if answer.status_code != 200:
            return CallEnd(status=answer.status_code, error={"message": shown(answer)}, result=None)
        message = self._message(answer)
        return CallEnd(status=200, error=message.get("error"), result=message.get("result"))

    def post(self, method: str, params: Mapping[str, object]) -> httpx.Response:
        """Send one request of the protocol."""
        self._number += 1
        body = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": dict(params)}
        return self._client.post(self._path, json=body, headers=self._headers)

    def send(self, body: bytes, headers: Mapping[str, str] = {}) -> httpx.Response:
        """Send bytes that need not be a message, with other headers than the protocol's own."""
        merged = {**self._headers, "Content-Type": "application/json", **headers}
        return self._client.post(self._path, content=body, headers=merged)

    def close(self) -> None:
        """End the session, when the server gave one; a server that does not answer any more has ended it."""
        if self.has_session:
            with suppress(httpx.HTTPError):
                self._client.delete(self._path, headers=self._headers)

    @property
    def path(self) -> str:
        """Where the server is."""
        return self._path

    @property
    def has_session(self) -> bool:
        """Whether the server gave a session id."""
        return "Mcp-Session-Id" in self._headers

    def answer(self, method: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        """Send a request and return its message, result or error."""
        return self._message(expect_status(self.post(method, params), 200))

    def _message(self, answer: httpx.Response) -> Mapping[str, Any]:
        if answer.headers.get("content-type", "").startswith("application/json"):
            document: Mapping[str, Any] = json_of(answer)
            return document
        for message in _events(answer.text):
            if message.get("id") == self._number:
                return message
        raise AssertionError(f"{asked(answer)} holds no answer to request {self._number}: {shown(answer)}")


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON messages of a stream of server-sent events."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(
            line.removeprefix("data:").lstrip() for line in block.split("\n") if line.startswith("data:")
        )
        if data:
            yield json.loads(data)
