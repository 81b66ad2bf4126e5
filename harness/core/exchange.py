"""One recorded question and answer, whatever the protocol; the only thing judges ever see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from sys import intern
from typing import Any

from harness.core.layer import Layer


class Protocol(StrEnum):
    """What was spoken."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    MCP = "mcp"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Request or response as recorded: secrets are placeholders, long bodies are cut and say so."""

    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    body_is_base64: bool = False
    body_size: int = 0
    is_truncated: bool = False

    def header(self, name: str) -> str | None:
        """Return the first value of a header, its name in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def media_type(self) -> str:
        """The lower-case media type without parameters, or the empty string."""
        return (self.header("content-type") or "").split(";", 1)[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """What was asked; `target` is the origin form, path and query."""

    method: str
    target: str

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.split("?", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """What was answered; `elapsed` is seconds from the request's last byte to the head of the answer."""

    status: int
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A recorded exchange; `gap` says why an answer is missing, e.g. "unparsed", "connection-closed"."""

    id: str
    layer: Layer
    protocol: Protocol = Protocol.HTTP
    step: str = ""
    identity: str = ""
    fault_active: bool = False
    started: str = ""
    request: Request
    response: Response | None = None
    gap: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


def exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/exchange.schema.json); defaults are left out."""
    record: dict[str, Any] = {
        "id": exchange.id,
        "layer": exchange.layer.value,
        "protocol": exchange.protocol.value,
    }
    for name in ("step", "identity", "started", "gap"):
        if value := getattr(exchange, name):
            record[name] = value
    if exchange.fault_active:
        record["fault_active"] = True
    if exchange.notes:
        record["notes"] = dict(exchange.notes)
    request = exchange.request
    record["request"] = {"method": request.method, "target": request.target, **_message_to_json(request)}
    if exchange.response is not None:
        response = exchange.response
        record["response"] = {
            "status": response.status,
            "elapsed": response.elapsed,
            **_message_to_json(response),
        }
    return record


def _message_to_json(message: Message) -> dict[str, Any]:
    record: dict[str, Any] = {
        "headers": [list(pair) for pair in message.headers],
        "body_size": message.body_size,
    }
    if message.body is not None:
        record["body"] = message.body
    if message.body_is_base64:
        record["body_is_base64"] = True
    if message.is_truncated:
        record["is_truncated"] = True
    return record


def exchange_from_json(record: Mapping[str, Any]) -> Exchange:
    """Read the JSON form back; raises KeyError or ValueError on a record of another shape."""
    response = record.get("response")
    return Exchange(
        id=record["id"],
        layer=Layer(record["layer"]),
        protocol=Protocol(record.get("protocol", "http")),
        step=intern(record.get("step", "")),
        identity=record.get("identity", ""),
        fault_active=record.get("fault_active", False),
        started=record.get("started", ""),
        gap=record.get("gap", ""),
        notes=record.get("notes", {}),
        request=Request(
            method=record["request"]["method"],
            target=record["request"]["target"],
            **_message_fields(record["request"]),
        ),
        response=None
        if response is None
        else Response(
            status=response["status"], elapsed=response.get("elapsed", 0.0), **_message_fields(response)
        ),
    )


def _message_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # A hundred thousand exchanges share a few hundred different headers and steps.
        "headers": tuple(
            (intern(str(name)), intern(str(value))) for name, value in record.get("headers", ())
        ),
        "body": record.get("body"),
        "body_is_base64": record.get("body_is_base64", False),
        "body_size": record.get("body_size", 0),
        "is_truncated": record.get("is_truncated", False),
    }
