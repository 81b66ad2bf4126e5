"""People of the help desk: accounts, and sign-ins by opaque tokens."""

import asyncio
import time

from desk import BEARER, Caller, caller, refusals, rules, store
from litestar import Response, delete, get, post
from litestar.exceptions import HTTPException, NotAuthorizedException
from passwords import hashed, is_password
from rules import LARGEST_PAGE, LIFETIME, Session, User
from shapes import Credentials, SessionOut, UserOut

_NO_HASH = hashed("nobody has this password")


@post("/users", responses=refusals(409))
async def register(data: Credentials) -> Response[UserOut]:
    """Open an account."""
    if data.username in store.users:
        raise HTTPException("That name is taken", status_code=409)
    user = User(username=data.username, password=await asyncio.to_thread(hashed, data.password))
    store.users[data.username] = user
    return Response(rules.user_out(user), status_code=rules.created_status())  # type: ignore[return-value, type-var]


@post("/sessions", responses=refusals(401, 429))
async def login(data: Credentials) -> Response[SessionOut]:
    """Sign in."""
    if rules.is_throttled(data.username):
        raise HTTPException("Too many tries", status_code=429, headers={"Retry-After": "60"})
    user = store.users.get(data.username)
    right = await asyncio.to_thread(is_password, data.password, user.password if user else _NO_HASH)
    if user is None or not right:
        rules.login_failed(data.username)
        raise NotAuthorizedException(rules.login_refusal(is_known=user is not None))
    token = rules.new_token(user)
    store.sessions[token] = Session(user=user, expires=time.monotonic() + LIFETIME)
    return Response(SessionOut(token=token, expires_in=int(LIFETIME)))


@delete("/sessions/current", responses=refusals(401), security=BEARER)
async def logout(request: Caller) -> None:
    """End this sign-in."""
    caller(request)
    store.sessions[rules.token_of(request)].ended = True


@get("/users/me", responses=refusals(401), security=BEARER)
async def read_me(request: Caller) -> Response[UserOut]:
    """Who am I."""
    return Response(rules.user_out(caller(request)))  # type: ignore[arg-type, return-value]


@get("/users", responses=refusals(401, 403), security=BEARER)
async def list_users(request: Caller) -> Response[list[UserOut]]:
    """All users."""
    caller(request, "list_users")
    return Response([rules.user_out(item) for item in store.users.values()][:LARGEST_PAGE])  # type: ignore[arg-type, return-value, misc]


HANDLERS = [register, login, logout, read_me, list_users]
