"""Who is asking and what they may do: principals, permissions, and the mark every route must carry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from reference_impl.kit.parameters import refuse_unknown_parameters
from reference_impl.kit.problem import Forbidden, Problem, Unauthorized

SCOPE_PRINCIPAL = "core.principal"
SCOPE_REFUSAL = "core.refusal"


class Kind(StrEnum):
    USER = "user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


PERMISSIONS = frozenset(
    {
        "search:read",
        "hub:read",
        "hub:write",
        "hub:admin",
        "chapters:read",
        "chapters:write",
        "breakers:read",
        "breakers:write",
        "storage:read",
        "storage:write",
        "audit:read",
        "roles:admin",
    }
)
_READER = frozenset({"search:read", "hub:read", "chapters:read", "breakers:read", "storage:read"})
_USER = _READER | {"hub:write", "chapters:write", "storage:write"}
_OPERATOR = _USER | {"breakers:write", "hub:admin"}
ROLES: dict[str, frozenset[str]] = {
    "guest": frozenset(),  # somebody who is known and may do nothing
    "reader": _READER,
    "user": _USER,
    "operator": _OPERATOR,
    "admin": PERMISSIONS,
}
DEFAULT_ROLE = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An identity that proved itself, and what it may do now."""

    subject: str
    tenant: str
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    kind: Kind = Kind.USER
    token_id: str = ""
    expires_at: datetime | None = None

    def may(self, permission: str) -> bool:
        return permission in self.permissions


ANONYMOUS = Principal(subject="", tenant="", kind=Kind.ANONYMOUS)


class Authenticator(Protocol):
    """Turns a bearer token into a principal, or raises Unauthorized."""

    async def authenticate(self, bearer: str) -> Principal: ...


def granted(principal: Principal | None, refusal: Problem | None, permission: str | None) -> Principal:
    """Return the principal when it may pass; the one place where 401 and 403 are decided."""
    if refusal is not None:
        raise refusal
    if principal is None or principal.kind is Kind.ANONYMOUS:
        raise Unauthorized
    if permission is not None and not principal.may(permission):
        raise Forbidden(
            f"This needs the permission {permission}.",
            headers={
                "WWW-Authenticate": f'Bearer realm="core", error="insufficient_scope", scope="{permission}"'
            },
            permission=permission,
        )
    return principal


class Requirement(SecurityBase):
    """A dependency that lets a principal with the permission pass and documents the bearer scheme."""

    def __init__(self, permission: str | None) -> None:
        if permission is not None and permission not in PERMISSIONS:
            raise ValueError(f"unknown permission {permission!r}; known: {', '.join(sorted(PERMISSIONS))}")
        self.permission = permission
        self.scheme_name = "bearerAuth"
        self.model = BearerModel(bearerFormat="JWT", description="Access token of POST /auth/login.")

    async def __call__(self, request: Request) -> Principal:
        scope = request.scope
        principal = granted(scope.get(SCOPE_PRINCIPAL), scope.get(SCOPE_REFUSAL), self.permission)
        refuse_unknown_parameters(request)
        return principal


class PublicMark:
    """A dependency that lets everybody pass: it says that the route is open on purpose."""

    async def __call__(self, request: Request) -> None:
        refuse_unknown_parameters(request)


def require(permission: str | None) -> Any:
    """Declare what a route needs: `principal: Principal = require("hub:read")`; None is any identity."""
    return Security(Requirement(permission))


def public() -> Any:
    """Declare a route that anybody may call: `dependencies=[public()]`."""
    return Depends(PublicMark())
