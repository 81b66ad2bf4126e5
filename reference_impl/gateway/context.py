"""The outermost layer: request id, trace, security headers, problem documents, access log and metrics."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.gateway.exchange import SCOPE_EXCHANGE, Exchange, HeaderList, header
from reference_impl.gateway.problems import ProblemRenderer, internal_error
from reference_impl.gateway.streams import Streams, is_event_stream
from reference_impl.kit.problem import Problem
from reference_impl.kit.telemetry import Metrics, TraceContext, set_request_id, set_trace

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_access = logging.getLogger("reference_impl.access")
_NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_REVALIDATE = (b"cache-control", b"private, no-cache")  # kept by the client, asked for again each time
TracePolicy = Callable[[str | None], TraceContext]
SecurityHeaders = Mapping[str, str]
MetricLabels = Callable[[str, str, int], tuple[str, str]]
AnswerHead = Callable[[Exchange, int, HeaderList], tuple[int, HeaderList]]


def continued_trace(traceparent: str | None) -> TraceContext:
    """Go on with the caller's trace, or begin one when there is none that is valid."""
    parent = TraceContext.parse(traceparent) if traceparent else None
    return parent.child() if parent else TraceContext.new()


def accepted_request_id(given: str | None) -> str:
    """Take over the caller's id when it is harmless in logs and headers, else make one."""
    if given and _REQUEST_ID.fullmatch(given):
        return given
    return "req_" + secrets.token_hex(12)


def security_headers(*, https: bool) -> dict[str, str]:
    """What every answer carries unless the service says otherwise."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": _NOTHING_LOADS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def _encoded(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()
    )


def as_answered(_exchange: Exchange, status: int, headers: HeaderList) -> tuple[int, HeaderList]:
    """Send the status and headers that the route chose."""
    return status, headers


def as_routed(route: str, _path: str, status: int) -> tuple[str, str]:
    """Count a request under the route that answered it and the status that left."""
    return route, str(status)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPolicies:
    """The decisions of this layer that can be replaced."""

    trace: TracePolicy
    request_id: Callable[[str | None], str]
    security_headers: SecurityHeaders
    answer_head: AnswerHead
    metric_labels: MetricLabels = as_routed


class RequestContext:
    """Gives each request its ids and each answer its common headers; no exception gets past it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        renderer: ProblemRenderer,
        policies: ContextPolicies,
        metrics: Metrics,
        streams: Streams,
    ) -> None:
        self._app = app
        self._streams = streams
        self._renderer = renderer
        self._policies = policies
        self._common = _encoded(policies.security_headers)
        self._requests = metrics.counter(
            "http_requests_total", "Requests answered.", ("method", "route", "status")
        )
        self._seconds = metrics.histogram("http_request_seconds", "Time to answer.", ("method", "route"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        exchange = self._open(scope)
        scope[SCOPE_EXCHANGE] = exchange
        answer = _Answer(exchange, self._common, send, self._policies.answer_head, self._streams)
        if exchange.method == "HEAD":
            # A copy: the server reads its own scope to know that no body follows.
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, receive, answer)
        except asyncio.CancelledError:
            if not self._streams.was_cut():
                raise
            await answer.end()
        except Problem as problem:
            await self._refuse(problem, exchange, answer)
        except Exception as error:  # noqa: BLE001 - the edge: every failure becomes an answer
            if not exchange.status:
                await self._refuse(internal_error(error), exchange, answer, error)
        finally:
            self._streams.forget()
            self._record(scope, exchange, time.perf_counter() - started)

    def _open(self, scope: Scope) -> Exchange:
        trace = self._policies.trace(header(scope, b"traceparent"))
        request_id = self._policies.request_id(header(scope, b"x-request-id"))
        set_trace(trace)
        set_request_id(request_id)
        exchange = Exchange(request_id=request_id, trace=trace, path=scope["path"], method=scope["method"])
        exchange.add("X-Request-ID", request_id)
        exchange.add("traceparent", trace.header())
        return exchange

    async def _refuse(
        self, problem: Problem, exchange: Exchange, answer: "_Answer", cause: BaseException | None = None
    ) -> None:
        if exchange.status:  # the answer has begun; all that is left is to end the connection
            raise problem
        status, headers, body = self._renderer.render(problem, exchange, cause)
        fields = [*_encoded(headers), (b"content-length", str(len(body)).encode())]
        await answer({"type": "http.response.start", "status": status, "headers": fields})
        await answer({"type": "http.response.body", "body": body})

    def _record(self, scope: Scope, exchange: Exchange, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or scope.get("core.mount") or "unmatched"
        self._requests.labels(
            exchange.method, *self._policies.metric_labels(route, exchange.path, exchange.status)
        ).inc()
        self._seconds.labels(exchange.method, route).observe(seconds)
        _access.info(
            "request",
            extra={
                "method": exchange.method,
                "path": exchange.path,
                "route": route,
                "status": exchange.status,
                "milliseconds": round(seconds * 1000, 2),
            },
        )


class _Answer:
    """Writes the collected headers when the answer starts, and leaves out the body for HEAD."""

    __slots__ = ("_common", "_decide", "_exchange", "_head", "_request", "_send", "_streams")

    def __init__(
        self,
        exchange: Exchange,
        common: tuple[tuple[bytes, bytes], ...],
        send: Send,
        decide: AnswerHead,
        streams: Streams,
    ) -> None:
        self._exchange = exchange
        self._common = common
        self._send = send
        self._decide = decide
        self._streams = streams
        self._request = asyncio.current_task()
        self._head = exchange.method == "HEAD"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["status"], headers = self._decide(
                self._exchange, message["status"], list(message["headers"])
            )
            message["headers"] = self._merged(headers)
            self._exchange.status = message["status"]
            if is_event_stream(message):
                self._streams.remember(self._request)
        elif self._head and message["type"] == "http.response.body":
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    def _merged(self, headers: HeaderList) -> HeaderList:
        present = {name for name, _ in headers}
        if b"etag" in present and b"cache-control" not in present:
            headers.append(_REVALIDATE)
            present.add(b"cache-control")
        headers += [field for field in self._common if field[0] not in present]
        headers += [
            field for field in self._exchange.headers if field[0] not in present or field[0] == b"link"
        ]
        if self._exchange.vary:
            headers = [field for field in headers if field[0] != b"vary"] + [
                _vary(headers, self._exchange.vary)
            ]
        return headers


def _vary(headers: HeaderList, added: list[str]) -> tuple[bytes, bytes]:
    names = [value.decode("latin-1") for name, value in headers if name == b"vary"]
    return b"vary", ", ".join(dict.fromkeys([*names, *added])).encode("latin-1")
