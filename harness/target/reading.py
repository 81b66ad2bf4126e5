"""Fetches a running target's OpenAPI document and asks whether it offers the control API."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

from harness.core.errors import TargetFileProblem, TargetUnreachable
from harness.core.operation import Operations
from harness.core.target import Target
from harness.target.asking import client_of
from harness.target.bounded import Fetched, NotFetched, fetch
from harness.target.links import documents_named
from harness.target.openapi import ReadDocument, read_openapi

#: Where a document is looked for when the target file names none.
USUAL_PATHS = (
    "/openapi.json", "/openapi.yaml", "/v3/api-docs", "/api/openapi.json", "/api-docs", "/swagger.json",
    "/spec.json",
)  # fmt: skip

#: Pages for people that name the document.
PAGES = ("/", "/docs", "/redoc", "/swagger-ui/")

ClientFor = Callable[[str], httpx.Client]

#: After so many silences the rest is not asked: a mute service must be told of soon.
_MOST_SILENCES = 2
_MOST_NAMED = 3


def fetch_openapi(
    target: Target,
    url: str,
    client_for: ClientFor = client_of,
    *,
    credential: Mapping[str, str] | None = None,
) -> tuple[str, ReadDocument]:
    """Return the path of the document and what it says; the path is empty when it is not served.

    A document that is not given to strangers is asked for once more with `credential`, the header fields of
    somebody who is known. One that cannot be fetched or read is for the probe to judge; here it has no
    operations, and what was in the way is among its problems.
    """
    found = _fetched_openapi(target, url, client_for)
    if found[1].document is not None or not credential or not target.openapi:
        return found

    def known(address: str) -> httpx.Client:
        client = client_for(address)
        client.headers.update(credential)
        return client

    return _fetched_openapi(target, url, known)


def _fetched_openapi(target: Target, url: str, client_for: ClientFor) -> tuple[str, ReadDocument]:
    if target.openapi_file:
        return "", _of_file(Path(target.openapi_file))
    looking = _Looking(url, client_for)
    for path in (target.openapi,) if target.openapi else looking.candidates():
        answer = looking.get(path)
        if answer is not None and answer.status == 200:
            read = read_openapi(answer.content)
            if read.document is not None or target.openapi:
                return path, read
    return "", ReadDocument(document=None, operations=Operations(()), problems=tuple(looking.problems[:3]))


class _Looking:
    """Asks at the usual places, then at what pages for people name."""

    def __init__(self, url: str, client_for: ClientFor) -> None:
        self._url = url
        self._client_for = client_for
        self._silences = 0
        self.problems: list[str] = []

    def candidates(self) -> Iterator[str]:
        yield from USUAL_PATHS
        for page in PAGES:
            answer = self.get(page)
            if answer is not None and answer.status == 200 and "html" in answer.media_type:
                at = str(httpx.URL(self._url).join(answer.path))
                yield from documents_named(answer.text, at)[:_MOST_NAMED]

    def get(self, path: str) -> Fetched | None:
        if self._silences >= _MOST_SILENCES:
            return None
        try:
            with self._client_for(_root(self._url, path)) as client:
                return fetch(client, path)
        except NotFetched as problem:
            self.problems.append(str(problem))
            self._silences += problem.is_silence
            return None


def _of_file(path: Path) -> ReadDocument:
    try:
        read = read_openapi(path.read_bytes())
    except OSError as problem:
        raise TargetFileProblem(None, f"openapi_file {path} cannot be read: {problem}") from problem
    if read.document is None:
        raise TargetFileProblem(None, f"openapi_file {path}: {read.problems[0]}")
    return read


def write_document(read: ReadDocument, directory: Path) -> Path | None:
    """Write the document, in JSON whatever it was, for tools that want a file."""
    if read.document is None:
        return None
    path = directory / "openapi.json"
    path.write_text(json.dumps(read.document), encoding="utf-8")
    return path


def offers_control(url: str, client_for: ClientFor = client_of) -> bool:
    """Whether the control API answers there."""
    try:
        with client_for(url) as client:
            answer = fetch(client, "/_control", most_bytes=1 << 20, seconds=5.0)
        document = json.loads(answer.content) if answer.status == 200 else None
    except (NotFetched, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("contract") == "1"


def require_answer(url: str, client_for: ClientFor = client_of) -> None:
    """Raise TargetUnreachable unless something speaks HTTP there; any status will do."""
    try:
        with client_for(url) as client, client.stream("GET", "") as _:
            return
    except httpx.HTTPError as problem:
        raise TargetUnreachable(
            url, f"{type(problem).__name__}: {problem}", remedy=_remedy(str(problem))
        ) from problem


def _remedy(problem: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in problem or "certificate verify failed" in problem:
        return (
            "Its certificate is signed by nobody that is trusted here. Name its authority with tls_ca = "
            '"ca.pem" in the target file, or, for a deployment you know, write tls_verify = false.'
        )
    if "WRONG_VERSION_NUMBER" in problem or "record layer" in problem:
        return "It speaks no TLS there: write http:// instead of https://."
    return "Is it up, and is the URL right?"


def _root(url: str, path: str) -> str:
    """Return the URL before the path; a path that repeats the base's own path is taken from the origin."""
    parsed = httpx.URL(url)
    base = parsed.path.rstrip("/")
    if base and path.startswith(f"{base}/"):
        return str(parsed.copy_with(path="/")).rstrip("/")
    return url
