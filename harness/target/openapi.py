"""Reads an OpenAPI 3.x or Swagger 2.0 document into operations; what is broken is named, never raised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.core.operation import Operation, Operations
from harness.target.documents import parse
from harness.target.positions import Position, operation_positions

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_DEEPEST_REFERENCE = 20

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """What could be read; `problems` says what could not, `document` is None when nothing could."""

    document: Node | None
    operations: Operations
    problems: tuple[str, ...]


def read_openapi(content: bytes) -> ReadDocument:
    """Parse JSON or YAML and take the operations out of it."""
    try:
        document = parse(content)
    except ValueError as problem:
        return _nothing(f"it is neither JSON nor YAML that can be read: {problem}")
    if not isinstance(document, dict):
        return _nothing(f"it is a {type(document).__name__}, not an object")
    version = str(document.get("openapi", ""))
    if not version.startswith("3.") and document.get("swagger") != "2.0":
        stated = f"openapi: {version}" if version else f"swagger: {document.get('swagger', 'nothing')}"
        return _nothing(f"it states {stated!r}; only OpenAPI 3.x and Swagger 2.0 can be read")
    reader = _Reader(document)
    positions = operation_positions(content)
    operations = tuple(_placed(item, positions) for item in reader.operations())
    return ReadDocument(
        document=document,
        operations=Operations(operations, prefix=_base_path(document)),
        problems=tuple(reader.problems),
    )


def _placed(operation: Operation, positions: Mapping[tuple[str, str], Position]) -> Operation:
    line, column = positions.get((operation.method.lower(), operation.path), (0, 0))
    return replace(operation, line=line, column=column)


def _nothing(problem: str) -> ReadDocument:
    return ReadDocument(document=None, operations=Operations(()), problems=(problem,))


def _base_path(document: Node) -> str:
    """Return the path of the first server's URL, which stands before every path of the document."""
    if "swagger" in document:
        return str(document.get("basePath", "")).rstrip("/")
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = first.get("url", "") if isinstance(first, dict) else ""
    variables = first.get("variables", {}) if isinstance(first, dict) else {}
    if isinstance(variables, dict):
        for name, variable in variables.items():
            if isinstance(variable, dict):
                url = str(url).replace(f"{{{name}}}", str(variable.get("default", "")))
    return urlsplit(str(url)).path.rstrip("/")


class _Reader:
    """Walks one document and collects what is wrong with it on the way."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self.problems: list[str] = []

    def operations(self) -> Iterator[Operation]:
        paths = self._object(self._document.get("paths", {}), "paths")
        for path, raw_item in paths.items():
            item = self._object(raw_item, f"paths.{path}")
            shared = self._array(item.get("parameters", []), f"{path} parameters")
            for method in METHODS:
                if method in item:
                    where = f"{method.upper()} {path}"
                    yield self._operation(method, str(path), self._object(item[method], where), shared)

    def _operation(self, method: str, path: str, raw: Node, shared: list[Any]) -> Operation:
        where = f"{method.upper()} {path}"
        body = self._object(raw.get("requestBody", {}), f"{where} requestBody")
        parameters = [*shared, *self._array(raw.get("parameters", []), f"{where} parameters")]
        is_secured, scopes = self._security(raw)
        return Operation(
            method=method.upper(),
            path=path,
            operation_id=str(raw.get("operationId", "")),
            responses=dict(self._responses(raw, where)),
            request_media_types=tuple(self._object(body.get("content", {}), f"{where} content"))
            or self._stated_types(raw, "consumes"),
            is_secured=is_secured,
            scopes=scopes,
            tags=tuple(str(tag) for tag in self._array(raw.get("tags", []), f"{where} tags")),
            takes_input=bool(body or parameters),
        )

    def _responses(self, raw: Node, where: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for status, raw_response in self._object(raw.get("responses", {}), f"{where} responses").items():
            response = self._object(raw_response, f"{where} responses.{status}")
            content = self._object(response.get("content", {}), f"{where} responses.{status}.content")
            types = tuple(str(media_type) for media_type in content)
            if "schema" in response:
                types = self._stated_types(raw, "produces")
            # "4xx" is written in either case; YAML makes 200 a number.
            yield (
                str(status).upper() if str(status) != "default" else "default",
                types,
            )

    def _stated_types(self, raw: Node, member: str) -> tuple[str, ...]:
        """Return what Swagger 2.0 states beside the operation or for the whole document."""
        if "swagger" not in self._document:
            return ()
        stated = raw.get(member, self._document.get(member, ["application/json"]))
        return tuple(str(media_type) for media_type in self._array(stated, member))

    def _security(self, raw: Node) -> tuple[bool, tuple[str, ...]]:
        """Return whether a credential is required; an empty alternative makes it optional."""
        stated = raw.get("security", self._document.get("security", []))
        alternatives = [item for item in self._array(stated, "security") if isinstance(item, dict)]
        scopes = sorted(
            {
                str(scope)
                for item in alternatives
                for needed in item.values()
                if isinstance(needed, list)
                for scope in needed
            }
        )
        return bool(alternatives) and all(alternatives), tuple(scopes)

    def _object(self, node: object, where: str) -> Node:
        resolved = self._resolved(node, where)
        if isinstance(resolved, dict):
            return resolved
        if resolved is not None:
            self.problems.append(f"{where} is a {type(resolved).__name__}, not an object")
        return {}

    def _array(self, node: object, where: str) -> list[Any]:
        if isinstance(node, list):
            return node
        self.problems.append(f"{where} is a {type(node).__name__}, not a list")
        return []

    def _resolved(self, node: object, where: str) -> object:
        """Follow local references; one that leads nowhere or in a circle is named."""
        for _ in range(_DEEPEST_REFERENCE):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            reference = node["$ref"]
            if not reference.startswith("#/"):
                self.problems.append(f"{where}: {reference!r} is not in this document")
                return None
            node = self._pointed(reference)
            if node is None:
                self.problems.append(f"{where}: {reference!r} leads nowhere")
                return None
        self.problems.append(f"{where}: its references go in a circle")
        return None

    def _pointed(self, reference: str) -> object:
        node: object = self._document
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                return None
            node = node[key]
        return node
