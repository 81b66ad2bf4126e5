"""A server made of nothing but an OpenAPI document: it keeps it, or breaks it in the ways that are named."""

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from jsonschema import Draft202012Validator

TOKEN = "library-token-91c2"
_KINDS = {"integer": int, "number": float}


class Deviation(StrEnum):
    """One way to differ from the document, or from what HTTP asks of any server."""

    STATUS = "status"  # invalid input is refused with a status nobody declared
    MEDIA_TYPE = "media-type"  # JSON goes out as text
    SCHEMA = "schema"  # a required member is missing
    AUTH = "auth"  # what is declared secured answers everybody
    METHOD = "method"  # a 405 does not say what is allowed
    INPUT = "input"  # nothing is checked
    SERVER_ERROR = "server-error"  # creating breaks down
    STACK_TRACE = "stack-trace"  # an error shows where it was raised
    CORS = "cors"  # any foreign page may read with credentials


class DocumentServer(ThreadingHTTPServer):
    """Serves a document and what it declares."""

    daemon_threads = True

    def __init__(
        self, document: Mapping[str, Any], deviations: Iterable[Deviation] = (), *, port: int = 0
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.document = document
        self.deviations = frozenset(deviations)

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

    def resource(self, path: str) -> tuple[Mapping[str, Any], Mapping[str, str]] | None:
        """Return the path item and the path parameters of a path; a literal path wins over a template."""
        for template in sorted(self.document["paths"], key=lambda item: item.count("{")):
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
            if match := re.fullmatch(pattern, path):
                found = {name: unquote(value) for name, value in match.groupdict().items()}
                return self.document["paths"][template], found
        return None

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a reference into the document."""
        if "$ref" not in node:
            return node
        found: Any = self.document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found  # type: ignore[no-any-return] - a document is JSON

    def accepts(self, schema: Mapping[str, Any], value: object) -> bool:
        """Whether a value is valid by a schema of the document."""
        rooted = {**schema, "components": self.document.get("components", {})}
        return Draft202012Validator(rooted).is_valid(value)

    def sample(self, schema: Mapping[str, Any]) -> Any:
        """Return the least value that is valid by a schema: its example, or every required member."""
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        match schema.get("type"):
            case "object":
                members = schema.get("properties", {})
                return {name: self.sample(members.get(name, {})) for name in schema.get("required", ())}
            case "array":
                return [self.sample(schema["items"]) for _ in range(schema.get("minItems", 1))]
            case "string":
                return "x" * schema.get("minLength", 1)
            case "integer" | "number":
                return schema.get("minimum", 0)
            case _:
                return True


class Handler(BaseHTTPRequestHandler):
    """Answers as the document says, or deviates."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: DocumentServer

    def version_string(self) -> str:
        """Name no version."""
        return "library"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def deviates(self, deviation: Deviation) -> bool:
        """Whether this request is answered in one of the wrong ways."""
        return deviation in self.server.deviations

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path == "/openapi.json":
            self._send(200, "application/json", self.server.document)
            return
        found = self.server.resource(url.path)
        if found is None:
            self._refuse(404)
            return
        item, path_values = found
        method = "get" if self.command == "HEAD" else self.command.lower()
        if method not in item:
            allowed = ", ".join(name.upper() for name in item if name != "parameters")
            self._refuse(405, {} if self.deviates(Deviation.METHOD) else {"Allow": allowed})
            return
        operation = item[method]
        if (status := self._refusal(operation, path_values, url.query, raw)) is not None:
            self._refuse(418 if status == 422 and self.deviates(Deviation.STATUS) else status)
        elif method == "post" and self.deviates(Deviation.SERVER_ERROR):
            self._refuse(500)
        else:
            self._succeed(operation)

    def _refusal(
        self, operation: Mapping[str, Any], path_values: Mapping[str, str], query: str, raw: bytes
    ) -> int | None:
        is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if operation.get("security") and not is_known and not self.deviates(Deviation.AUTH):
            return 401
        if self.deviates(Deviation.INPUT):
            return None
        sent = {"path": dict(path_values), "query": dict(parse_qsl(query, keep_blank_values=True))}
        if not all(self._parameters_hold(operation, place, values) for place, values in sent.items()):
            return 422
        return (
            self._body_refusal(operation["requestBody"]["content"], raw)
            if "requestBody" in operation
            else None
        )

    def _body_refusal(self, wanted: Mapping[str, Any], raw: bytes) -> int | None:
        if self.headers.get_content_type() not in wanted:
            return 415
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return 400
        return None if self.server.accepts(wanted["application/json"]["schema"], body) else 422

    def _parameters_hold(self, operation: Mapping[str, Any], place: str, values: Mapping[str, str]) -> bool:
        declared = {item["name"]: item for item in operation.get("parameters", ()) if item["in"] == place}
        if not set(values) <= set(declared):
            return False
        return all(
            self.server.accepts(item["schema"], _typed(values[name], item["schema"]))
            if name in values
            else not item.get("required", False)
            for name, item in declared.items()
        )

    def _succeed(self, operation: Mapping[str, Any]) -> None:
        status = min(status for status in operation["responses"] if status.startswith("2"))
        media_type, content = next(iter(operation["responses"][status]["content"].items()))
        value = self.server.sample(content["schema"])
        if self.deviates(Deviation.SCHEMA) and isinstance(value, dict):
            value.pop(next(iter(value)))
        is_text = media_type.startswith("text/") or self.deviates(Deviation.MEDIA_TYPE)
        declared = operation["responses"][status].get("headers", {})
        headers = {name: self.server.sample(item["schema"]) for name, item in declared.items()}
        self._send(int(status), "text/plain" if is_text else media_type, value, headers)

    def _refuse(self, status: int, headers: Mapping[str, str] = {}) -> None:
        problem = {"type": "about:blank", "title": "Refused", "status": status}
        if self.deviates(Deviation.STACK_TRACE):
            problem["detail"] = 'Traceback (most recent call last):\n  File "/app/main.py", line 3, in get'
        refused = ' error="invalid_token"' if "Authorization" in self.headers else ""
        challenge = {"WWW-Authenticate": f"Bearer{refused}"} if status == 401 else {}
        self._send(status, "application/problem+json", problem, {**challenge, **headers})

    def _send(self, status: int, media_type: str, value: object, headers: Mapping[str, str] = {}) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        content = text.encode()
        self.send_response(status)
        lines = {"Content-Type": media_type, "Content-Length": str(len(content)), **headers}
        for name, line in {**lines, **dict(self._on_every_answer())}.items():
            self.send_header(name, line)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _on_every_answer(self) -> Iterator[tuple[str, str]]:
        yield "X-Content-Type-Options", "nosniff"
        yield "X-Request-ID", self.headers.get("X-Request-ID") or uuid4().hex
        if (origin := self.headers.get("Origin")) and self.deviates(Deviation.CORS):
            yield "Access-Control-Allow-Origin", origin
            yield "Access-Control-Allow-Credentials", "true"


def _typed(text: str, schema: Mapping[str, Any]) -> object:
    """Read a parameter as its schema's type; what cannot be read stays text, which the schema refuses."""
    kind = _KINDS.get(schema.get("type", ""))
    try:
        return kind(text) if kind and re.fullmatch(r"-?\d+(\.\d+)?", text) else text
    except ValueError:
        return text
