"""Versions by header and by URL: `/v1/x` is `/x` with `API-Version: 1`, and old versions say so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.gateway.exchange import exchange_of, header
from reference_impl.kit.problem import BadRequest, FieldError, NotFound
from reference_impl.kit.versioning import DEPRECATED, NEWEST_STABLE, SCOPE_VERSION, ApiVersion, parse_version

MIGRATION_NOTE = "/docs/migrations/v2"
_UNVERSIONED = ("/_control", "/health", "/metrics")
_PREFIXES = {f"/v{int(version)}": version for version in ApiVersion}
VersionChoice = Callable[[ApiVersion | None, str | None], ApiVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """When the old versions were deprecated and when they end."""

    deprecated_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    sunset_at: datetime = datetime(2027, 7, 1, tzinfo=UTC)

    def headers(self, version: ApiVersion, public_url: str) -> dict[str, str]:
        """RFC 9745 and RFC 8594; nothing for a version that is not deprecated."""
        if version not in DEPRECATED:
            return {}
        return {
            "Deprecation": f"@{int(self.deprecated_at.timestamp())}",
            "Sunset": format_datetime(self.sunset_at, usegmt=True),
            "Link": f'<{public_url}{MIGRATION_NOTE}>; rel="deprecation"; type="text/plain"',
        }


class Versions:
    """Finds the version asked for and takes it out of the path."""

    def __init__(self, app: ASGIApp, *, public_url: str, lifecycle: Lifecycle, choose: VersionChoice) -> None:
        self._app = app
        self._choose = choose
        self._headers = {
            version: {"API-Version": str(int(version)), **lifecycle.headers(version, public_url)}
            for version in ApiVersion
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        by_path, path = _split(scope["path"])
        if by_path is not None and path.startswith(_UNVERSIONED):
            raise NotFound("No resource has this path.")
        version = self._choose(by_path, header(scope, b"api-version"))
        if by_path is not None:
            scope["path"] = path
            scope["raw_path"] = quote(path).encode()
        scope[SCOPE_VERSION] = version
        exchange = exchange_of(scope)
        for name, value in self._headers[version].items():
            exchange.add(name, value)
        exchange.vary.append("API-Version")
        await self._app(scope, receive, send)


def _split(path: str) -> tuple[ApiVersion | None, str]:
    version = _PREFIXES.get(path[:3])
    if version is None or path[3:4] != "/":
        return None, path
    return version, path[3:]


def agreed(by_path: ApiVersion | None, asked: str | None) -> ApiVersion:
    """The version that path and header ask for; they may not contradict each other."""
    if asked is None:
        return by_path or NEWEST_STABLE
    by_header = parse_version(asked)
    if by_header is None:
        known = ", ".join(str(int(version)) for version in ApiVersion)
        raise BadRequest(
            f"There is no such API version. Known: {known}.",
            errors=(FieldError(pointer="/API-Version", detail=f"one of {known}", location="header"),),
        )
    if by_path is not None and by_path is not by_header:
        raise BadRequest("The path and the API-Version header ask for different versions.")
    return by_header
