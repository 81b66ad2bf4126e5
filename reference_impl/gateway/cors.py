"""Cross-origin requests: closed unless an origin is configured, letter by letter; and plain OPTIONS."""

from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import Exchange, HeaderList, exchange_of, header

_MAX_AGE = "600"
_EXPOSED = (
    "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID, API-Version, Deprecation, Sunset"
)
OriginPolicy = Callable[[str, Sequence[str]], bool]
CredentialPolicy = Callable[[str], bool]
AllowedMethods = Callable[[str], Sequence[str]]


def is_configured(origin: str, configured: Sequence[str]) -> bool:
    """Only an exact match counts: no suffix, no wildcard, never null."""
    return origin != "null" and origin in configured


def never(_origin: str) -> bool:
    """Tokens are sent by the scripts themselves, so no browser has to add anything to a request."""
    return False


class Cors:
    """Answers OPTIONS, and lets the scripts of configured origins read answers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        origins: Sequence[str],
        allowed: AllowedMethods,
        policy: OriginPolicy,
        credentials: CredentialPolicy = never,
    ) -> None:
        self._app = app
        self._origins = tuple(origins)
        self._allowed = allowed
        self._policy = policy
        self._credentials = credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        if self._origins:
            exchange.vary.append("Origin")
        origin = header(scope, b"origin")
        readable = origin is not None and self._policy(origin, self._origins)
        if origin is not None and readable:
            exchange.add("Access-Control-Allow-Origin", origin)
            exchange.add("Access-Control-Expose-Headers", _EXPOSED)
            if self._credentials(origin):
                exchange.add("Access-Control-Allow-Credentials", "true")
        if scope["method"] != "OPTIONS":
            await self._app(scope, receive, send)
            return
        methods = self._allowed(scope["path"])
        if not methods:
            await self._app(scope, receive, send)
            return
        if readable and header(scope, b"access-control-request-method"):
            self._permit(exchange, scope, methods)
        await _no_content(send, methods)

    def _permit(self, exchange: Exchange, scope: Scope, methods: Sequence[str]) -> None:
        exchange.add("Access-Control-Allow-Methods", ", ".join(methods))
        exchange.add("Access-Control-Max-Age", _MAX_AGE)
        if wanted := header(scope, b"access-control-request-headers"):
            exchange.add("Access-Control-Allow-Headers", wanted)


async def _no_content(send: Send, methods: Sequence[str]) -> None:
    headers: HeaderList = [(b"allow", ", ".join(methods).encode())]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
