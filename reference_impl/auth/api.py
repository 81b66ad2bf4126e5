"""Auth over HTTP. Registration answers alike for every address, so it names no account."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.types import Scope

from reference_impl.auth.administration import Administration
from reference_impl.auth.errors import (
    InvalidCredentials,
    InvalidRefreshToken,
    LoginThrottled,
    NoSuchUser,
    SelfDemotion,
    UnknownRole,
    WeakPassword,
)
from reference_impl.auth.keyring import KeyRing
from reference_impl.auth.models import AccessClaims, Action, Caller
from reference_impl.auth.schemas import (
    AuditPage,
    KeysOut,
    LoginIn,
    MeOut,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    RolesIn,
    RolesOut,
    TokensOut,
    UserOut,
    UsersPage,
    VerificationOut,
    etag_of,
)
from reference_impl.auth.service import AuthService
from reference_impl.auth.tokens import TokenVerifier
from reference_impl.kit.access import Principal, public, require
from reference_impl.kit.conditional import strong_etag
from reference_impl.kit.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from reference_impl.kit.problem import BadRequest, PreconditionFailed, PreconditionRequired, problem_responses
from reference_impl.kit.telemetry import current_request_id

AddressOf = Callable[[Scope], str]
_JWKS_SECONDS = 60
UserId = Annotated[
    str,
    Path(
        pattern=r"^usr_[0-9A-HJKMNP-TV-Z]{26}$",
        description="The user's id.",
        examples=["usr_01JDQ4M8K7N2P3R5S6T8V9W0XZ"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="At most this many items.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="Where the page before this one ended.")]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        pattern=r"^[!-~ ]*$",
        description="The ETag of the user that you change; without it, 428.",
    ),
]
_AUDITED = Annotated[Action | None, Query(description="Only events of this kind.")]


def build(
    service: AuthService,
    administration: Administration,
    verifier: TokenVerifier,
    keys: KeyRing,
    address_of: AddressOf,
) -> APIRouter:
    """Auth's routes."""
    router = APIRouter(tags=["auth"])

    def caller(request: Request) -> Caller:
        return Caller(address=address_of(request.scope)[:64], request_id=current_request_id()[:200])

    _add_entrance(router, service, keys, caller)
    _add_session(router, service, verifier, caller)
    _add_administration(router, administration, caller)
    return router


def _add_entrance(
    router: APIRouter, service: AuthService, keys: KeyRing, caller_of: Callable[[Request], Caller]
) -> None:
    from_caller = Depends(caller_of)

    @router.post(
        "/auth/register",
        status_code=202,
        summary="Ask for an account; the answer is the same whether the address was free or not.",
        dependencies=[public()],
        responses=problem_responses(BadRequest, WeakPassword),
    )
    async def register(body: RegisterIn, caller: Caller = from_caller) -> RegisteredOut:
        await service.register(body.email, body.password, caller)
        return RegisteredOut()

    @router.post(
        "/auth/login",
        summary="Start a session.",
        dependencies=[public()],
        responses=problem_responses(BadRequest, InvalidCredentials, LoginThrottled),
    )
    async def login(body: LoginIn, caller: Caller = from_caller) -> TokensOut:
        return TokensOut.of(await service.login(body.email, body.password, caller))

    @router.post(
        "/auth/refresh",
        summary="Exchange a refresh token for new tokens; a second use ends the session.",
        dependencies=[public()],
        responses=problem_responses(BadRequest, InvalidRefreshToken, LoginThrottled),
    )
    async def refresh(body: RefreshIn, caller: Caller = from_caller) -> TokensOut:
        return TokensOut.of(await service.refresh(body.refresh_token, caller))

    @router.get(
        "/.well-known/jwks.json",
        summary="The public keys of access tokens.",
        dependencies=[public()],
    )
    async def published_keys(response: Response) -> KeysOut:
        found = KeysOut.of(keys.published())
        response.headers["Cache-Control"] = f"public, max-age={_JWKS_SECONDS}"
        response.headers["ETag"] = strong_etag(*(key.kid for key in found.keys))
        return found


def _add_session(
    router: APIRouter,
    service: AuthService,
    verifier: TokenVerifier,
    caller_of: Callable[[Request], Caller],
) -> None:
    from_caller = Depends(caller_of)

    async def session_of(request: Request) -> AccessClaims:
        return await verifier.claims(request.headers["authorization"].partition(" ")[2].strip())

    @router.post("/auth/logout", status_code=204, summary="End this session everywhere.")
    async def logout(
        _: Principal = require(None),
        claims: AccessClaims = Depends(session_of),
        caller: Caller = from_caller,
    ) -> None:
        await service.logout(claims, caller)

    @router.post("/auth/logout-all", status_code=204, summary="End every session of this account.")
    async def logout_all(principal: Principal = require(None), caller: Caller = from_caller) -> None:
        await service.logout_all(principal.subject, caller)

    @router.get("/auth/me", summary="Show who the token speaks for.")
    async def read_me(principal: Principal = require(None)) -> MeOut:
        return MeOut.of(await service.me(principal.subject))


def _add_administration(
    router: APIRouter, administration: Administration, caller_of: Callable[[Request], Caller]
) -> None:
    from_caller = Depends(caller_of)

    @router.get("/auth/roles", summary="List the roles, what they inherit and what they may do.")
    async def list_roles(_: Principal = require(None)) -> RolesOut:
        return RolesOut.of(administration.roles())

    @router.get(
        "/auth/users", summary="List the users of your tenant.", responses=problem_responses(BadRequest)
    )
    async def list_users(
        principal: Principal = require("roles:admin"),
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE_SIZE,
    ) -> UsersPage:
        return UsersPage.of(await administration.users(principal, cursor=cursor, limit=limit))

    @router.get("/auth/users/{user_id}", summary="Read a user.", responses=problem_responses(NoSuchUser))
    async def get_user(
        user_id: UserId, response: Response, principal: Principal = require("roles:admin")
    ) -> UserOut:
        user = await administration.user(principal, user_id)
        response.headers["ETag"] = etag_of(user)
        return UserOut.of(user)

    @router.put(
        "/auth/users/{user_id}/roles",
        summary="Replace a user's roles; tokens with the old ones die at once.",
        responses=problem_responses(
            BadRequest, NoSuchUser, SelfDemotion, PreconditionFailed, UnknownRole, PreconditionRequired
        ),
    )
    async def set_roles(
        *,
        user_id: UserId,
        body: RolesIn,
        response: Response,
        if_match: IfMatch = None,
        principal: Principal = require("roles:admin"),
        caller: Caller = from_caller,
    ) -> UserOut:
        user = await administration.set_roles(
            principal, user_id, body.roles, if_match=if_match, caller=caller
        )
        response.headers["ETag"] = etag_of(user)
        return UserOut.of(user)

    @router.get(
        "/auth/audit",
        summary="List the audit events of your tenant, the newest first.",
        responses=problem_responses(BadRequest),
    )
    async def list_audit_events(
        principal: Principal = require("audit:read"),
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE_SIZE,
        action: _AUDITED = None,
    ) -> AuditPage:
        return AuditPage.of(await administration.events(principal, cursor=cursor, limit=limit, action=action))

    @router.get(
        "/auth/audit/verification",
        summary="Check the whole audit chain and name the first bad link.",
    )
    async def verify_audit_chain(_: Principal = require("audit:read")) -> VerificationOut:
        return VerificationOut.of(await administration.verify_chain())
