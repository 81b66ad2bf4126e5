"""Finds what can be read and put back unchanged: JSON, whole or member by member, and stored bytes."""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.reads import Finder, ask, json_or_none
from harness.layers.scenarios.samples import request_schema

#: A compressed answer has a weak tag at best, and no write can be conditional on that.
PLAIN = {"Accept-Encoding": "identity"}
_BOOK = re.compile(r"(?i)modif|updat|time|date|version|revision|etag|sequence|_at$|At$")
_BYTES = frozenset({"application/octet-stream", "*/*", "text/plain"})
_NAME = re.compile(r"\{[^}]+\}")
#: Who is refused for these is not the one to edit it, or the body is not one to edit it with.
_NOT_THIS_WAY = frozenset({400, 401, 403, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Editable:
    """Something that one client can read and change: its own present state is what is written back."""

    client: httpx.Client
    operation: Operation
    path: str
    body: Mapping[str, Any] | bytes
    media_type: str
    etag: str

    @classmethod
    def read(
        cls, client: httpx.Client, operation: Operation, path: str, document: Mapping[str, Any]
    ) -> Self | None:
        """Read it as it is now; None for what the operation could not put back."""
        answer = ask(client, "GET", path, headers=PLAIN)
        if answer is None or answer.status_code != 200:
            return None
        body = _sent_back(answer, operation, document)
        if not body:
            return None
        media_type = answer.headers.get("content-type", "") if isinstance(body, bytes) else ""
        return cls(
            client=client,
            operation=operation,
            path=path,
            body=body,
            media_type=media_type or "application/json",
            etag=answer.headers.get("etag", ""),
        )

    @property
    def bodies(self) -> Iterator[Mapping[str, Any] | bytes]:
        """What may be written back: all of it, or for PATCH one member after the other."""
        if self.operation.method == "PUT" or isinstance(self.body, bytes):
            yield self.body
        else:
            yield from ({name: value} for name, value in self.body.items())

    def write(self, headers: Mapping[str, str]) -> httpx.Response | None:
        """Write it back; the answer of the first body that came as far as that, None where none did."""
        for body in self.bodies:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            answer = self.client.request(
                self.operation.method,
                self.path,
                content=content,
                headers={"Content-Type": self.media_type, **headers},
            )
            if answer.status_code not in _NOT_THIS_WAY:
                return answer
        return None

    def tag(self) -> str:
        """Return the present entity tag; empty where there is none."""
        return str(self.client.get(self.path, headers=PLAIN).headers.get("etag", ""))

    def state(self) -> str:
        """Return its present state, without what a service notes about its own writes."""
        answer = self.client.get(self.path)
        if isinstance(self.body, bytes):
            return f"{answer.status_code} {answer.content!r}"
        now = json_or_none(answer)
        if not isinstance(now, dict):
            return shown(answer)
        return json.dumps(_lasting({name: now.get(name) for name in self.body}))


def editables(
    clients: Iterable[httpx.Client],
    operations: Iterable[Operation],
    document: Mapping[str, Any],
    prefix: str,
) -> Iterator[Editable]:
    """Yield what each client can read where a PUT or PATCH is declared; `operations` are those it may try."""
    known = sorted(operations, key=lambda each: each.subject)
    reads = {each.path: each for each in known if each.method == "GET"}
    writes = [each for each in known if each.method in {"PUT", "PATCH"} and each.path in reads]
    wanted = {path for each in writes for path in (each.path, each.path.partition("{")[0].rstrip("/"))}
    asked = [each for each in reads.values() if each.path in wanted or each.path.rstrip("/") in wanted]
    for client in clients if writes else ():
        finder = Finder(client=client, operations=asked, document=document, prefix=prefix)
        found = {each.subject: each.path for each in finder.find(len(asked))}
        for write in writes:
            path = found.get(reads[write.path].subject) or _stored(client, write, prefix)
            if path and (editable := Editable.read(client, write, path, document)) is not None:
                yield editable


def _stored(client: httpx.Client, write: Operation, prefix: str) -> str:
    """Return where bytes were stored under a new name; empty where the operation is of another kind."""
    head, _, name = write.path.rpartition("/")
    takes_bytes = write.method == "PUT" and _BYTES & set(write.request_media_types)
    if not takes_bytes or "{" in head or not _NAME.fullmatch(name):
        return ""
    path = f"{prefix}{head}/put-back-{secrets.token_hex(4)}"
    headers = {"Content-Type": min(_BYTES & set(write.request_media_types)).replace("*/*", "text/plain")}
    answer = client.put(path, content=b"stored to be put back", headers={**headers, "If-None-Match": "*"})
    return path if answer.is_success else ""


def _sent_back(
    answer: httpx.Response, operation: Operation, document: Mapping[str, Any]
) -> Mapping[str, Any] | bytes | None:
    """Return what of an answer the operation takes; None where that is not all it needs."""
    if _BYTES & set(operation.request_media_types):
        return answer.content
    schema = request_schema(operation, document)
    now = json_or_none(answer)
    known = schema.get("properties")
    if not isinstance(now, dict) or not isinstance(known, dict):
        return None
    body = {name: now[name] for name in known if name in now}
    return body if all(name in body for name in schema.get("required", ())) else None


def _lasting(node: Any) -> Any:
    """Return a value without the members by which a service keeps book of its own writes."""
    if isinstance(node, list):
        return [_lasting(item) for item in node]
    if isinstance(node, dict):
        return {name: _lasting(value) for name, value in node.items() if not _BOOK.search(name)}
    return node
