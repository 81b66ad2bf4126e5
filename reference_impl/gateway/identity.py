"""Finds out once who is asking; routes decide later whether that is enough."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import header
from reference_impl.kit.access import ANONYMOUS, SCOPE_PRINCIPAL, SCOPE_REFUSAL, Authenticator
from reference_impl.kit.problem import Problem, Unauthorized

_LONGEST_TOKEN = 8192
CredentialsPolicy = Callable[[Scope], str | None]


def authorization_header(scope: Scope) -> str | None:
    """Credentials come in the Authorization header and nowhere else: URLs end up in logs and histories."""
    return header(scope, b"authorization")


class Identity:
    """Puts the principal, or the reason why there is none, into the scope."""

    def __init__(self, app: ASGIApp, *, authenticator: Authenticator, credentials: CredentialsPolicy) -> None:
        self._app = app
        self._authenticator = authenticator
        self._credentials = credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._identify(scope)
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope) -> None:
        scope[SCOPE_PRINCIPAL] = ANONYMOUS
        credentials = self._credentials(scope)
        if credentials is None:
            return
        try:
            scope[SCOPE_PRINCIPAL] = await self._authenticator.authenticate(_bearer(credentials))
        except Problem as refusal:
            scope[SCOPE_REFUSAL] = refusal


def _bearer(credentials: str) -> str:
    scheme, _, token = credentials.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN or not token.isascii():
        raise Unauthorized("The Authorization header holds no usable bearer token.", error="invalid_token")
    return token
