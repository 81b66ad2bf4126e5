"""Reads an OpenAPI document: what is declared becomes operations, what cannot be read gets a reason."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from harness.core.operation import Operation, Operations

#: Where a document is usually served.
PATHS = ("/openapi.json", "/openapi.yaml", "/swagger.json", "/v3/api-docs", "/api/openapi.json", "/spec.json")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_BYTES = 20_000_000


class UnreadableDocument(Exception):
    """The text is no OpenAPI document; `looks_like_one` says that it was clearly meant to be."""

    def __init__(self, message: str, *, looks_like_one: bool) -> None:
        super().__init__(message)
        self.looks_like_one = looks_like_one


def parse_document(content: bytes) -> Mapping[str, Any]:
    """Return the document; raises UnreadableDocument."""
    meant = b'"openapi"' in content[:2000] or b"openapi:" in content[:2000] or b'"swagger"' in content[:2000]
    if len(content) > _MOST_BYTES:
        raise UnreadableDocument(f"it is larger than {_MOST_BYTES} bytes", looks_like_one=meant)
    try:
        document = _load(content)
    except (ValueError, yaml.YAMLError, RecursionError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise UnreadableDocument(f"it does not parse: {reason}", looks_like_one=meant) from problem
    if not isinstance(document, dict) or not (document.get("openapi") or document.get("swagger")):
        raise UnreadableDocument("it has no openapi or swagger member", looks_like_one=False)
    if not isinstance(document.get("paths", {}), dict):
        raise UnreadableDocument("its paths are no object", looks_like_one=True)
    return document


def _load(content: bytes) -> Any:
    text = content.decode("utf-8", errors="replace")
    return json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)


def operations_of(document: Mapping[str, Any]) -> Operations:
    """Return the declared operations; the base path of the first server is their prefix."""
    return Operations(_operations(document), prefix=_prefix(document))


def _prefix(document: Mapping[str, Any]) -> str:
    if "swagger" in document:
        return str(document.get("basePath") or "").rstrip("/")
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
    return urlsplit(str(first.get("url", ""))).path.rstrip("/")


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, raw in document.get("paths", {}).items():
        item = resolve(document, raw)
        if not isinstance(item, Mapping):
            continue
        for method in METHODS:
            declared = item.get(method)
            if isinstance(declared, Mapping):
                yield _operation(document, method, str(path), item, declared)


def _operation(
    document: Mapping[str, Any],
    method: str,
    path: str,
    item: Mapping[str, Any],
    declared: Mapping[str, Any],
) -> Operation:
    security = declared.get("security", document.get("security"))
    body = resolve(document, declared.get("requestBody") or {})
    parameters = [*_list(item.get("parameters")), *_list(declared.get("parameters"))]
    return Operation(
        method=method.upper(),
        path=path,
        operation_id=str(declared.get("operationId", "")),
        responses={
            str(status): tuple(_content(resolve(document, response), declared, document))
            for status, response in _mapping(declared.get("responses")).items()
        },
        request_media_types=tuple(_mapping(_mapping(body).get("content"))),
        is_secured=bool(security) and {} not in _list(security),
        scopes=tuple(
            sorted(
                {scope for one in _list(security) for scopes in _mapping(one).values() for scope in scopes}
            )
        ),
        tags=tuple(str(tag) for tag in _list(declared.get("tags"))),
        takes_input=bool(body or parameters),
    )


def _content(response: Any, declared: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the media types of a response; OpenAPI 2 names them beside the operation."""
    if "swagger" in document:
        if "schema" in _mapping(response):
            yield from _list(declared.get("produces") or document.get("produces") or ["application/json"])
        return
    yield from (str(media_type).lower() for media_type in _mapping(_mapping(response).get("content")))


def resolve(document: Mapping[str, Any], value: Any, *, depth: int = 32) -> Any:
    """Follow local references; a reference that leads nowhere or in circles becomes an empty object."""
    while isinstance(value, Mapping) and isinstance(value.get("$ref"), str) and depth:
        depth -= 1
        here: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            here = _mapping(here).get(step.replace("~1", "/").replace("~0", "~"))
        value = here
    if isinstance(value, Mapping) and "$ref" in value:
        return {}
    return {} if value is None else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
