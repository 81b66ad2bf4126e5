"""What can be wrong with the lending service: each class breaks one decision. The words: `catalogue.yaml`."""

import traceback
from collections.abc import Sequence
from pathlib import Path

import jwt
from flask import Flask, Request, Response, jsonify
from rules import LIBRARIANS_ONLY, Row, Rules
from switches import broken


class AlgorithmNone(Rules):
    id = "jwt-alg-none"

    def read_token(self, token: str) -> Row:
        if jwt.get_unverified_header(token).get("alg", "").lower() == "none":
            return jwt.decode(token, options={"verify_signature": False})
        return super().read_token(token)


class SignatureUnchecked(Rules):
    id = "jwt-signature-unchecked"

    def read_token(self, token: str) -> Row:
        return jwt.decode(token, options={"verify_signature": False, "verify_exp": True})


class ExpiryIgnored(Rules):
    id = "jwt-expiry-ignored"

    def read_token(self, token: str) -> Row:
        return jwt.decode(
            token, self.key, algorithms=["HS256"], audience="lending", options={"verify_exp": False}
        )


class WeakKey(Rules):
    id = "jwt-weak-key"

    def signing_key(self) -> str:
        return "secret"


class LogoutForgotten(Rules):
    id = "logout-keeps-token"

    def is_revoked(self, claims: Row) -> bool:
        return False


class LoanReadable(Rules):
    id = "bola-read"

    def may_see(self, member: Row, loan: Row) -> bool:
        return True


class LoanWritable(Rules):
    id = "bola-write"

    def may_return(self, member: Row, loan: Row) -> bool:
        return True


class MembersOpen(Rules):
    id = "authentication-missing"

    def is_public(self, endpoint: str) -> bool:
        return endpoint == "read_loan" or super().is_public(endpoint)

    def may_see(self, member: Row | None, loan: Row) -> bool:
        return member is None or super().may_see(member, loan)


class RemovalForAll(Rules):
    id = "bfla-by-verb"

    def is_for_librarians(self, endpoint: str) -> bool:
        return endpoint in LIBRARIANS_ONLY - {"remove_book", "remove_member"}


class RoleTaken(Rules):
    id = "mass-assignment"

    def role_of_new(self, body: Row) -> str:
        role = body.get("role", "member")
        return role if role in {"member", "librarian"} else "member"


class HashShown(Rules):
    id = "excessive-data"

    def member_out(self, member: Row) -> dict[str, object]:
        return {**super().member_out(member), "password_hash": member["password"]}


class PageUncapped(Rules):
    id = "page-cap-missing"

    def page_size(self, asked: int) -> int:
        return asked


class OriginReflected(Rules):
    id = "cors-reflects-origin"

    def cross_origin(self, request: Request, response: Response) -> None:
        if origin := request.headers.get("Origin"):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"


class TraceShown(Rules):
    id = "stack-trace-in-errors"

    def problem(self, status: int, title: str, detail: str) -> dict[str, object]:
        stack = (
            "Traceback (most recent call last):\n"
            + "".join(traceback.format_stack()[-3:])
            + f"LookupError: {title}"
        )
        return {**super().problem(status, title, detail), "trace": stack}


class SearchCrashes(Rules):
    id = "server-error-on-odd-input"

    def search_words(self, text: str) -> str:
        return text.encode("latin-1").decode("latin-1").strip()


class AnythingFetched(Rules):
    id = "ssrf"

    def may_fetch(self, url: str) -> bool:
        return url.startswith(("http://", "https://"))


class SearchInjectable(Rules):
    id = "sql-injection"

    def find_books(self, words: str, order: str, size: int, offset: int) -> Sequence[Row]:
        where = f"removed = 0 AND (title LIKE '%{words}%' OR author LIKE '%{words}%')"
        try:
            return self.db.execute(
                f"SELECT * FROM books WHERE {where} ORDER BY {order}, id LIMIT {size} OFFSET {offset}"
            ).fetchall()
        except self.db.Error:
            return []


class CoversEscape(Rules):
    id = "path-traversal"

    def cover_path(self, name: str) -> Path | None:
        return None if "\0" in name else self.covers / name


class LoginTells(Rules):
    id = "login-enumeration"

    def login_refusal(self, *, is_known: bool) -> str:
        return "The password is wrong." if is_known else "There is no such user."


class LoginUnlimited(Rules):
    id = "login-unthrottled"

    def is_throttled(self, username: str) -> bool:
        return False


class DebugOpen(Rules):
    id = "debug-endpoint-open"

    def extra_routes(self, app: Flask) -> None:
        app.add_url_rule(
            "/debug",
            "debug",
            lambda: jsonify(
                {
                    "settings": {"DEBUG": True, "SECRET_KEY": self.key},
                    "routes": [str(rule) for rule in app.url_map.iter_rules()],
                }
            ),
        )

    def is_public(self, endpoint: str) -> bool:
        return endpoint == "debug" or super().is_public(endpoint)


class TokenInQuery(Rules):
    id = "token-in-query"

    def token_of(self, request: Request) -> str:
        return super().token_of(request) or request.args.get("access_token", "")


class YearAsText(Rules):
    id = "schema-violation"

    def book_out(self, book: Row) -> dict[str, object]:
        return {**super().book_out(book), "year": str(book["year"])}


class RemovalAccepted(Rules):
    id = "success-status-moved"

    def removed_status(self) -> int:
        return 202


class LoansAsText(Rules):
    id = "wrong-content-type"

    def media_type(self, endpoint: str) -> str:
        return "text/html" if endpoint == "list_loans" else super().media_type(endpoint)


class IsbnUnchecked(Rules):
    id = "invalid-accepted"

    def is_isbn(self, text: str) -> bool:
        return True


class RemovedStillRead(Rules):
    id = "use-after-delete"

    def is_there(self, book: Row | None) -> bool:
        return book is not None


class RefusedStillAdded(Rules):
    id = "failed-create-leaves-traces"

    def add_book(self, values: Row) -> int | None:
        taken = self.db.execute(
            "SELECT 1 FROM books WHERE isbn = ? AND removed = 0", [values["isbn"]]
        ).fetchone()
        made = self.insert_book(values)
        return None if taken else made


class LostUpdate(Rules):
    id = "if-match-ignored"

    def is_stale(self, asked: str, etag: str) -> bool:
        return False


class NeverUnchanged(Rules):
    id = "etag-ignored"

    def is_unchanged(self, asked: str, etag: str) -> bool:
        return False


class AllowMissing(Rules):
    id = "allow-missing"

    def allow(self, response: Response) -> None:
        response.headers.pop("Allow", None)


class ChallengeMissing(Rules):
    id = "challenge-missing"

    def challenge(self, response: Response) -> None:
        response.headers.pop("WWW-Authenticate", None)


class PagesOverlap(Rules):
    id = "paging-repeats-row"

    def offset(self, page: int, size: int) -> int:
        return max(0, (page - 1) * size - 1)


class KeyForgotten(Rules):
    id = "idempotency-key-ignored"

    def remembered(self, member: Row, key: str) -> Row | None:
        return None


class AnyBodySame(Rules):
    id = "idempotency-other-body-accepted"

    def fingerprint(self, body: bytes) -> str:
        return "any"


class StatusDisagrees(Rules):
    id = "problem-status-disagrees"

    def problem(self, status: int, title: str, detail: str) -> dict[str, object]:
        return {**super().problem(status, title, detail), "status": 400 if status != 400 else 422}


class MetricsFrozen(Rules):
    id = "metrics-frozen"

    def count(self, status: int) -> None:
        self.requests[200] = 1


class PrivateCached(Rules):
    id = "private-data-cacheable"

    def caching(self, request: Request) -> str:
        return "public, max-age=600" if request.method == "GET" else super().caching(request)


def rules_with(names: str) -> type[Rules]:
    """Return the rules with the named defects in them."""
    return broken(Rules, Rules.__subclasses__(), names)
