"""Asks a running service, by GET alone, what it publishes about itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from harness.core.errors import TargetUnreachable
from harness.core.operation import Operations
from harness.target.bounded import Fetched, NotFetched, fetch
from harness.target.links import documents_linked, documents_named
from harness.target.openapi import ReadDocument, read_openapi
from harness.target.probes import graphql, health, metrics
from harness.target.reading import USUAL_PATHS

#: Pages for people that usually name the document, and other usual places of the document itself.
_PAGES = ("/docs", "/redoc", "/swagger", "/swagger-ui/", "/api/docs", "/documentation", "/api", "/api/v1")
_MORE_DOCUMENTS = (
    "/api/swagger.json", "/api/v1/openapi.json", "/v1/openapi.json", "/swagger/v1/swagger.json",
    "/v2/api-docs", "/openapi", "/docs/openapi.json", "/api/schema/", "/schema/openapi.json", "/docs.json",
    "/apispec_1.json", "/.well-known/openapi.json", "/swagger.yaml", "/docs/json", "/api-json",
)  # fmt: skip
_GRAPHQL = (*graphql.PATHS, "/v1/graphql", "/query", "/gql")
_MCP = ("/mcp", "/mcp/", "/sse", "/api/mcp")
_LIMITS = (
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "x-ratelimit-limit",
    "x-rate-limit-limit",
    "retry-after",
)
_SILENCES = 3
_PROBED_OPERATIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a service publishes; `remarks` are sentences for the user about what could not be read."""

    url: str
    base_url: str
    document_path: str = ""
    read: ReadDocument | None = None
    graphql: str = ""
    mcp: tuple[str, ...] = ()
    health: str = ""
    metrics: str = ""
    limits: tuple[str, ...] = ()
    challenge: str = ""
    remarks: tuple[str, ...] = ()
    requests: int = 0

    @property
    def operations(self) -> Operations:
        """The declared operations, none without a document."""
        return self.read.operations if self.read else Operations(())


def survey(url: str, client_for: Callable[[str], httpx.Client]) -> Survey:
    """Return what can be read at a URL; raises TargetUnreachable when nothing answers there."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    with client_for(origin) as client:
        asking = _Asking(client, origin)
        return _Surveyor(asking, url.rstrip("/"), origin, parts.path.rstrip("/")).survey()


class _Asking:
    """Asks each path once; after a few silences it asks no more, so that a mute service is told of soon."""

    def __init__(self, client: httpx.Client, origin: str) -> None:
        self._client = client
        self._answers: dict[str, Fetched | None] = {}
        self._silences = 0
        self.origin = origin
        self.remarks: list[str] = []

    @property
    def requests(self) -> int:
        return len(self._answers)

    @property
    def answers(self) -> list[Fetched]:
        return [item for item in self._answers.values() if item is not None]

    def get(self, path: str, accept: str = "*/*") -> Fetched | None:
        if path not in self._answers and self._silences < _SILENCES:
            try:
                self._answers[path] = fetch(self._client, path, accept=accept, seconds=10.0)
            except NotFetched as problem:
                self._answers[path] = None
                self._silences += problem.is_silence
                self.remarks.append(str(problem))
        return self._answers.get(path)

    def well(self, path: str) -> Fetched | None:
        answer = self.get(path)
        return answer if answer is not None and answer.status == 200 else None


class _Surveyor:
    def __init__(self, asking: _Asking, url: str, origin: str, base: str) -> None:
        self._asking = asking
        self._url = url
        self._origin = origin
        self._base = base

    def survey(self) -> Survey:
        start = self._asking.get(self._base or "/")
        if start is None:
            raise TargetUnreachable(
                self._url, self._asking.remarks[-1], remedy="Is it up, and is the URL right?"
            )
        path, read = self._document(start)
        remarks = list(self._asking.remarks)
        base_url = self._origin + (self._base if read is None else self._mount(path, read, remarks))
        return Survey(
            url=self._url,
            base_url=base_url,
            document_path=path,
            read=read,
            graphql=next((path for path in self._under(_GRAPHQL) if self._speaks_graphql(path)), ""),
            mcp=tuple(path for path in self._under(_MCP) if self._speaks_mcp(path))[:1],
            health=next((path for path in self._under(health.PATHS) if self._asking.well(path)), ""),
            metrics=next((path for path in self._under(metrics.PATHS) if self._is_metrics(path)), ""),
            limits=self._limits(),
            challenge=next(
                (item.headers["www-authenticate"] for item in self._asking.answers
                 if "www-authenticate" in item.headers), "",
            ),
            remarks=tuple(dict.fromkeys(remarks)),
            requests=self._asking.requests,
        )  # fmt: skip

    def _under(self, paths: tuple[str, ...]) -> Iterator[str]:
        yield from paths
        if self._base:
            yield from (f"{self._base}{path}" for path in paths)

    def _document(self, start: Fetched) -> tuple[str, ReadDocument | None]:
        broken = ""
        for path in self._candidates(start):
            answer = self._asking.well(path)
            if answer is None or not _may_be_document(answer):
                continue
            read = read_openapi(answer.content)
            if read.document is not None and len(read.operations):
                return path, read
            broken = broken or f"{path} answers, but {next(iter(read.problems), 'it declares no operation')}"
        if broken:
            self._asking.remarks.append(broken)
        return "", None

    def _candidates(self, start: Fetched) -> Iterator[str]:
        if self._base.endswith((".json", ".yaml", ".yml")):
            yield self._base
        yield from self._named(start)
        yield from self._under((*USUAL_PATHS, *_MORE_DOCUMENTS))
        for page in self._under(_PAGES):
            answer = self._asking.well(page)
            if answer is not None:
                yield from self._named(answer)

    def _named(self, answer: Fetched) -> Iterator[str]:
        at = self._origin + answer.path
        yield from documents_linked(answer.headers.get_list("link"), at)
        if "html" in answer.media_type:
            yield from documents_named(answer.text, at)
            yield from self._named_in_scripts(answer, at)

    def _named_in_scripts(self, page: Fetched, at: str) -> Iterator[str]:
        """Swagger UI names the document in a script of its own."""
        if "swagger" in page.text.lower():
            script = f"{urlsplit(at).path.rstrip('/')}/swagger-initializer.js"
            answer = self._asking.well(script)
            if answer is not None and "html" not in answer.media_type:
                yield from documents_named(answer.text, self._origin + script)

    def _mount(self, path: str, read: ReadDocument, remarks: list[str]) -> str:
        """Return the base path under which the declared operations really answer."""
        stated = read.operations.prefix
        beside = path.rsplit("/", 1)[0]
        before = self._base[: -len(stated)] if stated and self._base.endswith(stated) else self._base
        before = "" if before == path else before
        candidates = list(dict.fromkeys(("", before, beside)))
        paths = [item.path for item in read.operations if item.method == "GET" and "{" not in item.path]
        tried = paths[:_PROBED_OPERATIONS]
        for base in candidates:
            answers = [self._asking.get(base + stated + item) for item in tried]
            if any(answer is not None and answer.status != 404 for answer in answers):
                return base
        if tried:
            remarks.append(
                f"Every declared operation that was tried answers 404 ({', '.join(tried)}): the document's"
                " base path does not fit the deployment, or it wants a credential. Check base_url."
            )
        return before

    def _speaks_graphql(self, path: str) -> bool:
        answer = self._asking.get(
            f"{path}?query=%7B__typename%7D", "application/graphql-response+json, application/json"
        )
        if answer is None or answer.status in {401, 403, 404, 405} or answer.status >= 500:
            return False
        try:
            said = json.loads(answer.content)
        except (ValueError, RecursionError):
            return False
        if not isinstance(said, dict):
            return False
        errors = said.get("errors")
        is_error = isinstance(errors, list) and bool(errors) and "message" in str(errors[0])
        return "__typename" in str(said.get("data")) or is_error

    def _speaks_mcp(self, path: str) -> bool:
        """A GET cannot initialise: an answer in JSON-RPC counts, or the session header of the protocol."""
        answer = self._asking.get(path, "application/json, text/event-stream")
        if answer is None or answer.status == 404:
            return False
        is_rpc = "json" in answer.media_type and '"jsonrpc"' in answer.text
        return is_rpc or "mcp-session-id" in answer.headers

    def _is_metrics(self, path: str) -> bool:
        answer = self._asking.well(path)
        return answer is not None and metrics.has_series(answer.text)

    def _limits(self) -> tuple[str, ...]:
        found = {
            f"{name}: {answer.headers[name]}"
            for answer in self._asking.answers
            for name in _LIMITS
            if name in answer.headers
        }
        return tuple(sorted(found))[:4]


def _may_be_document(answer: Fetched) -> bool:
    return "html" not in answer.media_type and b"paths" in answer.content
