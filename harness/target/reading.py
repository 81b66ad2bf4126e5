"""Fetches a running target's OpenAPI document and asks whether it offers the control API."""

from pathlib import Path

import httpx

from harness.core.errors import TargetUnreachable
from harness.core.operation import Operations
from harness.core.target import Target
from harness.target.asking import client_of
from harness.target.openapi import ReadDocument, read_openapi

#: Where a document is looked for when the target file names none.
USUAL_PATHS = (
    "/openapi.json", "/openapi.yaml", "/v3/api-docs", "/api/openapi.json", "/api-docs", "/swagger.json",
    "/spec.json",
)  # fmt: skip


def fetch_openapi(target: Target, url: str) -> tuple[str, ReadDocument, bytes]:
    """Return the path of the document, what it says, and its bytes; the path is empty when there is none.

    A document that cannot be fetched or read is for the probe to judge; here it has no operations.
    """
    for path in (target.openapi,) if target.openapi else USUAL_PATHS:
        try:
            with client_of(_root(url, path), follow_redirects=True) as client:
                answer = client.get(path)
        except httpx.HTTPError:
            continue
        if answer.status_code == 200:
            read = read_openapi(answer.content)
            if read.document is not None or target.openapi:
                return path, read, answer.content
    return "", ReadDocument(document=None, operations=Operations(()), problems=()), b""


def write_document(read: ReadDocument, content: bytes, directory: Path) -> Path | None:
    """Write the document for tools that want a file."""
    if read.document is None:
        return None
    is_json = content.lstrip()[:1] == b"{"
    path = directory / ("openapi.json" if is_json else "openapi.yaml")
    path.write_bytes(content)
    return path


def offers_control(url: str) -> bool:
    """Whether the control API answers there."""
    try:
        with client_of(url, seconds=5.0) as client:
            answer = client.get("/_control")
        document = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(document, dict) and document.get("contract") == "1"


def require_answer(url: str) -> None:
    """Raise TargetUnreachable unless something speaks HTTP there; any status will do."""
    try:
        with client_of(url) as client:
            client.get("")
    except httpx.HTTPError as problem:
        raise TargetUnreachable(
            url, f"{type(problem).__name__}: {problem}", remedy="Is it up, and is the URL right?"
        ) from problem


def _root(url: str, path: str) -> str:
    """Return the URL before the path; a path that repeats the base's own path is taken from the origin."""
    parsed = httpx.URL(url)
    base = parsed.path.rstrip("/")
    if base and path.startswith(f"{base}/"):
        return str(parsed.copy_with(path="/")).rstrip("/")
    return url
