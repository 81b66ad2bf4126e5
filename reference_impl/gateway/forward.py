"""Passes requests for services that another process holds on to it, as a stream in both directions."""

from collections.abc import AsyncIterator, Callable, Mapping

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import HeaderList, exchange_of, within
from reference_impl.kit.problem import BadGateway, Unavailable
from reference_impl.kit.telemetry import Metrics

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"proxy-connection",
    }
)
_REPLACED = frozenset({b"host", b"x-request-id", b"traceparent", b"x-forwarded-for", b"api-version"})
_OURS = frozenset({b"x-request-id", b"traceparent", b"vary"})


class Forward:
    """Sends what lies below a remote service's paths there; the rest goes on."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        remotes: Mapping[str, str],
        prefixes: Mapping[str, tuple[str, ...]],
        client: Callable[[], httpx.AsyncClient],
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._routes = tuple((prefixes[name], name, url.rstrip("/")) for name, url in remotes.items())
        self._client = client
        self._requests = metrics.counter(
            "outbound_requests_total", "Calls to other systems.", ("upstream", "outcome")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for prefixes, name, url in self._routes:
                if within(scope["path"], prefixes):
                    scope["core.mount"] = prefixes[0]
                    await self._pass_on(name, url, scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _pass_on(self, name: str, url: str, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        request = self._client().build_request(
            scope["method"],
            url + path + (f"?{query}" if query else ""),
            headers=_inward(scope),
            content=_body(receive) if _has_body(scope) else None,
            timeout=httpx.Timeout(30.0, connect=2.0),
        )
        try:
            response = await self._client().send(request, stream=True)
        except httpx.ConnectError as error:
            self._requests.labels(name, "unreachable").inc()
            raise Unavailable(f"The service {name} cannot be reached.", retry_after=2) from error
        except httpx.TransportError as error:
            self._requests.labels(name, "failed").inc()
            raise BadGateway(f"The service {name} gave no answer.") from error
        self._requests.labels(name, f"{response.status_code // 100}xx").inc()
        try:
            await _relay(response, send)
        finally:
            await response.aclose()


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return b"transfer-encoding" in names or b"content-length" in names


def _inward(scope: Scope) -> list[tuple[bytes, bytes]]:
    exchange = exchange_of(scope)
    headers: HeaderList = [
        (name, value) for name, value in scope["headers"] if name not in _HOP_BY_HOP | _REPLACED
    ]
    peer = scope["client"][0] if scope.get("client") else "unknown"
    earlier = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    headers += [
        (b"x-request-id", exchange.request_id.encode()),
        (b"traceparent", exchange.trace.child().header().encode()),
        (b"x-forwarded-for", b", ".join([*earlier, peer.encode()])),
        (b"api-version", str(int(scope["core.version"])).encode()),
    ]
    return headers


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


async def _relay(response: httpx.Response, send: Send) -> None:
    headers = [
        (name.lower(), value)
        for name, value in response.headers.raw
        if name.lower() not in _HOP_BY_HOP and name.lower() not in _OURS
    ]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    async for chunk in response.aiter_raw():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
