"""Members of the library: joining, signing in and out, and who they are."""

import secrets

from desk import Desk
from flask import Response, g, request
from flask_openapi3 import OpenAPI
from rules import LIFETIME, body_of
from shapes import (
    BEARER,
    GUARDED,
    INPUT,
    PROBLEM,
    STAFF,
    Credentials,
    MemberOut,
    MemberPage,
    MemberPath,
    Paging,
    TokenOut,
)
from werkzeug.security import check_password_hash, generate_password_hash

_NO_HASH = generate_password_hash("nobody has this password")


def add_people(app: OpenAPI, desk: Desk) -> None:  # noqa: C901 - one handler after the other
    """Add the handlers."""
    rules, db, one, success, failure = desk.rules, desk.db, desk.one, desk.success, desk.failure

    @app.post(
        "/auth/register",
        responses={201: MemberOut, 409: PROBLEM, **INPUT},
        tags=[],
        summary="Join the library",
    )
    def register(body: Credentials) -> Response:
        if one("SELECT 1 FROM members WHERE username = ?", body.username):
            return failure(409, "Conflict", "That name is taken.")
        role = rules.role_of_new(body_of(request))
        row = [secrets.token_hex(8), body.username, generate_password_hash(body.password), role]
        db.execute("INSERT INTO members VALUES (?, ?, ?, ?)", row)
        member = one("SELECT * FROM members WHERE id = ?", row[0])
        assert member is not None
        return success(rules.member_out(member), 201)

    @app.post(
        "/auth/login", responses={200: TokenOut, 401: PROBLEM, 429: PROBLEM, **INPUT}, summary="Sign in"
    )
    def login(body: Credentials) -> Response:
        if rules.is_throttled(body.username):
            return failure(429, "Too Many Requests", "Too many tries.", Retry_After="60")
        member = one("SELECT * FROM members WHERE username = ?", body.username)
        if (
            not check_password_hash(member["password"] if member else _NO_HASH, body.password)
            or member is None
        ):
            rules.login_failed(body.username)
            return failure(401, "Unauthorized", rules.login_refusal(is_known=member is not None))
        return success(
            {"access_token": rules.new_token(member), "token_type": "Bearer", "expires_in": LIFETIME}
        )

    @app.post("/auth/logout", responses={204: None, **GUARDED}, security=BEARER, summary="End this token")
    def logout() -> Response:
        db.execute("INSERT OR IGNORE INTO revoked VALUES (?)", [g.claims["jti"]])
        return Response(status=204)

    @app.get("/members/me", responses={200: MemberOut, **GUARDED}, security=BEARER, summary="Who am I")
    def read_me() -> Response:
        return success(rules.member_out(g.member))

    @app.get(
        "/members", responses={200: MemberPage, **STAFF, **INPUT}, security=BEARER, summary="All members"
    )
    def list_members(query: Paging) -> Response:
        size = rules.page_size(query.per_page)
        found = db.execute(
            "SELECT * FROM members ORDER BY id LIMIT ? OFFSET ?", [size, rules.offset(query.page, size)]
        )
        total = one("SELECT count(*) AS n FROM members")
        assert total is not None
        return success({"items": [rules.member_out(row) for row in found], "total": total["n"]})

    @app.delete(
        "/members/<string:member_id>",
        responses={204: None, 404: PROBLEM, 409: PROBLEM, **STAFF},
        security=BEARER,
        summary="Remove a member",
    )
    def remove_member(path: MemberPath) -> Response:
        member = one("SELECT * FROM members WHERE id = ?", path.member_id)
        if member is None:
            return failure(404, "Not Found", "There is no such member.")
        if member["role"] == "librarian":
            return failure(409, "Conflict", "A librarian stays.")
        db.execute("DELETE FROM members WHERE id = ?", [path.member_id])
        return Response(status=204)
