"""The API versions, which one a request asked for, and how a route learns it."""

from enum import IntEnum
from typing import Annotated, Any

from fastapi import Depends, Header, Request

SCOPE_VERSION = "core.version"


class ApiVersion(IntEnum):
    V1 = 1
    V2 = 2


NEWEST_STABLE = ApiVersion.V2
DEPRECATED = frozenset({ApiVersion.V1})


def parse_version(text: str) -> ApiVersion | None:
    """Return the version named, or None when there is no such version."""
    return {str(int(version)): version for version in ApiVersion}.get(text.strip())


async def _requested(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(
            alias="API-Version",
            description="Version of the answer's shape; the newest stable one when absent.",
            json_schema_extra={"enum": [str(int(version)) for version in ApiVersion]},
        ),
    ] = None,
) -> ApiVersion:
    return ApiVersion(request.scope.get(SCOPE_VERSION, NEWEST_STABLE))


def requested_version() -> Any:
    """Declare that a route answers by version: `version: ApiVersion = requested_version()`."""
    return Depends(_requested)
