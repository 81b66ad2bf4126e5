"""A library that lends books: Flask, an OpenAPI 3.1 document from flask-openapi3, JSON Web Tokens, SQLite."""

import argparse
import os
import secrets
import sqlite3
import tempfile
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import jwt
import waitress
from defects import rules_with
from flask import Flask, Response, g, jsonify, request
from flask_openapi3 import Info, OpenAPI
from pydantic import AfterValidator, BaseModel, Field, ValidationError, WithJsonSchema
from rules import LIFETIME, Row, Rules, body_of
from shapes import (
    BEARER,
    GUARDED,
    INPUT,
    PROBLEM,
    STAFF,
    BookOut,
    BookPage,
    BookPath,
    Cached,
    CoverQuery,
    Credentials,
    Guarded,
    HealthOut,
    Idempotent,
    ImportIn,
    LoanIn,
    LoanOut,
    LoanPage,
    LoanPath,
    MemberOut,
    MemberPage,
    MemberPath,
    Paging,
    Search,
    TokenOut,
)
from werkzeug.exceptions import HTTPException
from werkzeug.security import check_password_hash, generate_password_hash

TABLES = """
CREATE TABLE members (id TEXT PRIMARY KEY, username TEXT UNIQUE, password TEXT, role TEXT);
CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, author TEXT, isbn TEXT, year INTEGER,
                    version INTEGER DEFAULT 1, removed INTEGER DEFAULT 0);
CREATE TABLE loans (id TEXT PRIMARY KEY, member_id TEXT, book_id INTEGER, due TEXT,
                    returned INTEGER DEFAULT 0);
CREATE TABLE revoked (jti TEXT PRIMARY KEY);
CREATE TABLE keys (member_id TEXT, key TEXT, body TEXT, loan_id TEXT, PRIMARY KEY (member_id, key));
"""
SHELF = [
    ("The Left Hand of Darkness", "Ursula K. Le Guin", "9780441478125", 1969),
    ("Middlemarch", "George Eliot", "9780141439549", 1871),
    ("The Master and Margarita", "Mikhail Bulgakov", "9780141180144", 1967),
    ("Beloved", "Toni Morrison", "9781400033416", 1987),
    ("Things Fall Apart", "Chinua Achebe", "9780385474542", 1958),
    ("To the Lighthouse", "Virginia Woolf", "9780156907392", 1927),
]
_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_COVER = 200_000
_NO_HASH = generate_password_hash("nobody has this password")


def make_app(rules_class: type[Rules], librarian: tuple[str, str]) -> Flask:  # noqa: C901, PLR0915 - one handler after the other
    """Return the application; what can be decided one way or another is in `rules`."""
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.executescript(TABLES)
    lock = threading.RLock()
    rules = rules_class(db, Path(tempfile.mkdtemp(prefix="lending-covers-")))
    for title, author, isbn, year in SHELF:
        rules.insert_book({"title": title, "author": author, "isbn": isbn, "year": year})
    app = OpenAPI(
        __name__,
        info=Info(
            title="Lending", version="1.4.0", description="Books, members and loans of a small library."
        ),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        validation_error_status=422,
        validation_error_callback=lambda error: failure(422, "Unprocessable Content", _places(error)),
        doc_prefix="",
        doc_ui=True,
    )
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_COVER)

    def checked_isbn(text: str) -> str:
        if not rules.is_isbn(text):
            raise ValueError("an ISBN has 13 digits")
        return text

    isbn_schema = WithJsonSchema({"type": "string", "pattern": "^[0-9]{13}$", "example": "9780141439518"})

    class BookIn(BaseModel):
        title: str = Field(min_length=1, max_length=200, examples=["Emma"])
        author: str = Field(min_length=1, max_length=100, examples=["Jane Austen"])
        isbn: Annotated[str, AfterValidator(checked_isbn), isbn_schema]
        year: int = Field(ge=1450, le=2100, examples=[1815])

    def failure(status: int, title: str, detail: str, **headers: str) -> Response:
        answer = jsonify(rules.problem(status, title, detail))
        answer.status_code = status
        answer.content_type = "application/problem+json"
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return answer

    def success(body: object, status: int = 200, **headers: str) -> Response:
        answer = jsonify(body)
        answer.status_code = status
        answer.content_type = rules.media_type(request.endpoint or "")
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return answer

    def one(query: str, *values: object) -> Row | None:
        found: Row | None = db.execute(query, values).fetchone()
        return found

    @app.before_request
    def admit() -> Response | None:
        lock.acquire()
        g.member = None
        endpoint = request.endpoint or ""
        if (
            request.routing_exception
            or endpoint == "static"
            or endpoint.startswith("openapi")
            or rules.is_public(endpoint)
        ):
            return None
        try:
            claims = rules.read_token(rules.token_of(request))
        except jwt.InvalidTokenError:
            return failure(401, "Unauthorized", "A valid access token is needed.")
        g.claims, g.member = claims, one("SELECT * FROM members WHERE id = ?", claims.get("sub", ""))
        if g.member is None or rules.is_revoked(claims):
            return failure(401, "Unauthorized", "A valid access token is needed.")
        if rules.is_for_librarians(endpoint) and g.member["role"] != "librarian":
            return failure(403, "Forbidden", "Only librarians may do this.")
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        rules.finish(request, response)
        rules.count(response.status_code)
        return response

    @app.teardown_request
    def release(error: BaseException | None) -> None:
        lock.release()

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        answer = failure(error.code or 500, error.name, error.description or error.name)
        if allowed := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(sorted(allowed))
        return answer

    @app.errorhandler(RecursionError)
    def too_deep(error: RecursionError) -> Response:
        return failure(400, "Bad Request", "The body is nested too deeply.")

    @app.errorhandler(Exception)
    def crashed(error: Exception) -> Response:
        return failure(500, "Internal Server Error", "Something went wrong.")

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

    @app.get("/books", responses={200: BookPage, **INPUT}, summary="Search the shelf")
    def list_books(query: Search) -> Response:
        words, size = rules.search_words(query.q), rules.page_size(query.per_page)
        found = rules.find_books(words, query.sort, size, rules.offset(query.page, size))
        total = one(
            "SELECT count(*) AS n FROM books WHERE removed = 0 AND (title LIKE ? OR author LIKE ?)",
            f"%{words}%",
            f"%{words}%",
        )
        assert total is not None
        return success({"items": [rules.book_out(row) for row in found], "total": total["n"]})

    @app.post(
        "/books",
        responses={201: BookOut, 409: PROBLEM, **STAFF, **INPUT},
        security=BEARER,
        summary="Add a book",
    )
    def create_book(body: BookIn) -> Response:
        made = rules.add_book(body.model_dump())
        if made is None:
            return failure(409, "Conflict", "A book with that ISBN is on the shelf.")
        book = one("SELECT * FROM books WHERE id = ?", made)
        assert book is not None
        return success(rules.book_out(book), 201, Location=f"/books/{made}", ETag=rules.etag(book))

    @app.get(
        "/books/<int:book_id>", responses={200: BookOut, 304: None, 404: PROBLEM, **INPUT}, summary="One book"
    )
    def read_book(path: BookPath, header: Cached) -> Response:
        book = one("SELECT * FROM books WHERE id = ?", path.book_id)
        if book is None or not rules.is_there(book):
            return failure(404, "Not Found", "There is no such book.")
        if header.if_none_match and rules.is_unchanged(header.if_none_match, rules.etag(book)):
            return Response(status=304, headers={"ETag": rules.etag(book)})
        return success(rules.book_out(book), ETag=rules.etag(book))

    @app.put(
        "/books/<int:book_id>",
        responses={200: BookOut, 404: PROBLEM, 409: PROBLEM, 412: PROBLEM, **STAFF, **INPUT},
        security=BEARER,
        summary="Replace a book",
    )
    def replace_book(path: BookPath, header: Guarded, body: BookIn) -> Response:
        book = one("SELECT * FROM books WHERE id = ?", path.book_id)
        if book is None or book["removed"]:
            return failure(404, "Not Found", "There is no such book.")
        if rules.is_stale(header.if_match, rules.etag(book)):
            return failure(412, "Precondition Failed", "The book has changed since you read it.")
        if one("SELECT 1 FROM books WHERE isbn = ? AND removed = 0 AND id <> ?", body.isbn, path.book_id):
            return failure(409, "Conflict", "A book with that ISBN is on the shelf.")
        row = [body.title, body.author, body.isbn, body.year, path.book_id]
        db.execute(
            "UPDATE books SET title = ?, author = ?, isbn = ?, year = ?, version = version + 1 WHERE id = ?",
            row,
        )
        after = one("SELECT * FROM books WHERE id = ?", path.book_id)
        assert after is not None
        return success(rules.book_out(after), ETag=rules.etag(after))

    @app.delete(
        "/books/<int:book_id>",
        responses={204: None, 404: PROBLEM, **STAFF, **INPUT},
        security=BEARER,
        summary="Take a book off the shelf",
    )
    def remove_book(path: BookPath) -> Response:
        book = one("SELECT * FROM books WHERE id = ?", path.book_id)
        if book is None or book["removed"]:
            return failure(404, "Not Found", "There is no such book.")
        db.execute("UPDATE books SET removed = 1 WHERE id = ?", [path.book_id])
        return Response(status=rules.removed_status())

    @app.post(
        "/books/import",
        responses={201: BookOut, 409: PROBLEM, 502: PROBLEM, **STAFF, **INPUT},
        security=BEARER,
        summary="Add the book that a URL describes",
    )
    def import_book(body: ImportIn) -> Response:
        if not rules.may_fetch(body.url):
            return failure(422, "Unprocessable Content", "That address may not be fetched.")
        try:
            with _OPENER.open(body.url, timeout=3) as answer:
                book = BookIn.model_validate_json(answer.read(10_000))
        except (OSError, ValidationError):
            return failure(422, "Unprocessable Content", "No book was found there.")
        made = rules.add_book(book.model_dump())
        if made is None:
            return failure(409, "Conflict", "A book with that ISBN is on the shelf.")
        row = one("SELECT * FROM books WHERE id = ?", made)
        assert row is not None
        return success(rules.book_out(row), 201, Location=f"/books/{made}")

    @app.put(
        "/books/<int:book_id>/cover",
        responses={204: None, 404: PROBLEM, 413: PROBLEM, 415: PROBLEM, **STAFF, **INPUT},
        security=BEARER,
        summary="Upload a cover",
        openapi_extensions={"x-note": "a PNG of at most 200 kB"},
    )
    def put_cover(path: BookPath) -> Response:
        if request.mimetype != "image/png":
            return failure(415, "Unsupported Media Type", "A cover is an image/png.", Accept="image/png")
        book, content = (
            one("SELECT * FROM books WHERE id = ? AND removed = 0", path.book_id),
            request.get_data(),
        )
        if book is None:
            return failure(404, "Not Found", "There is no such book.")
        if not content.startswith(_PNG):
            return failure(422, "Unprocessable Content", "That is no PNG.")
        (rules.covers / f"{path.book_id}.png").write_bytes(content)
        return Response(status=204)

    @app.get(
        "/covers",
        responses={
            200: {
                "description": "The cover",
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            },
            404: PROBLEM,
            **INPUT,
        },
        summary="A cover by its file name",
    )
    def read_cover(query: CoverQuery) -> Response:
        found = rules.cover_path(query.name)
        if found is None or not found.is_file():
            return failure(404, "Not Found", "There is no such cover.")
        return Response(found.read_bytes(), content_type="image/png")

    @app.get("/loans", responses={200: LoanPage, **GUARDED, **INPUT}, security=BEARER, summary="My loans")
    def list_loans(query: Paging) -> Response:
        size = rules.page_size(query.per_page)
        found = db.execute(
            "SELECT * FROM loans WHERE member_id = ? ORDER BY due, id LIMIT ? OFFSET ?",
            [g.member["id"], size, rules.offset(query.page, size)],
        )
        total = one("SELECT count(*) AS n FROM loans WHERE member_id = ?", g.member["id"])
        assert total is not None
        return success({"items": [rules.loan_out(row) for row in found], "total": total["n"]})

    @app.post(
        "/loans",
        responses={201: LoanOut, 404: PROBLEM, **GUARDED, **INPUT},
        security=BEARER,
        summary="Borrow a book",
    )
    def create_loan(header: Idempotent, body: LoanIn) -> Response:
        print_of_body = rules.fingerprint(request.get_data())
        if header.idempotency_key and (earlier := rules.remembered(g.member, header.idempotency_key)):
            if earlier["body"] != print_of_body:
                return failure(
                    422, "Unprocessable Content", "That Idempotency-Key was used with another body."
                )
            loan = one("SELECT * FROM loans WHERE id = ?", earlier["loan_id"])
            assert loan is not None
            return success(rules.loan_out(loan), 201, Location=f"/loans/{loan['id']}")
        if not one("SELECT 1 FROM books WHERE id = ? AND removed = 0", body.book_id):
            return failure(404, "Not Found", "There is no such book.")
        loan_id, due = secrets.token_hex(8), (datetime.now(UTC) + timedelta(days=28)).date().isoformat()
        db.execute(
            "INSERT INTO loans (id, member_id, book_id, due) VALUES (?, ?, ?, ?)",
            [loan_id, g.member["id"], body.book_id, due],
        )
        if header.idempotency_key:
            db.execute(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)",
                [g.member["id"], header.idempotency_key, print_of_body, loan_id],
            )
        loan = one("SELECT * FROM loans WHERE id = ?", loan_id)
        assert loan is not None
        return success(rules.loan_out(loan), 201, Location=f"/loans/{loan_id}")

    @app.get(
        "/loans/<string:loan_id>",
        responses={200: LoanOut, 404: PROBLEM, **GUARDED, **INPUT},
        security=BEARER,
        summary="One loan",
    )
    def read_loan(path: LoanPath) -> Response:
        loan = one("SELECT * FROM loans WHERE id = ?", path.loan_id)
        if loan is None or not rules.may_see(g.member, loan):
            return failure(404, "Not Found", "There is no such loan.")
        return success(rules.loan_out(loan))

    @app.post(
        "/loans/<string:loan_id>/return",
        responses={200: LoanOut, 404: PROBLEM, 409: PROBLEM, **GUARDED, **INPUT},
        security=BEARER,
        summary="Bring a book back",
    )
    def return_loan(path: LoanPath) -> Response:
        loan = one("SELECT * FROM loans WHERE id = ?", path.loan_id)
        if loan is None or not rules.may_return(g.member, loan):
            return failure(404, "Not Found", "There is no such loan.")
        if loan["returned"]:
            return failure(409, "Conflict", "The book is back already.")
        db.execute("UPDATE loans SET returned = 1 WHERE id = ?", [path.loan_id])
        after = one("SELECT * FROM loans WHERE id = ?", path.loan_id)
        assert after is not None
        return success(rules.loan_out(after))

    @app.get("/health", responses={200: HealthOut}, summary="Whether the service works")
    def health() -> Response:
        db.execute("SELECT 1")
        return success({"status": "ok"})

    @app.get(
        "/metrics",
        responses={
            200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
        },
        summary="Counters",
    )
    def metrics() -> Response:
        lines = [f'http_requests_total{{status="{code}"}} {n}' for code, n in sorted(rules.requests.items())]
        text = "\n".join(["# TYPE http_requests_total counter", *lines, ""])
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    rules.extra_routes(app)
    username, password = librarian
    db.execute(
        "INSERT INTO members VALUES (?, ?, ?, ?)",
        [secrets.token_hex(8), username, generate_password_hash(password), "librarian"],
    )
    return app


def _places(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that was allowed must not lead to one that is not."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    staff = (os.environ["LIBRARIAN_USERNAME"], os.environ["LIBRARIAN_PASSWORD"])
    chosen = rules_with(os.environ.get("FIELD_DEFECTS", ""))
    waitress.serve(make_app(chosen, staff), host="127.0.0.1", port=port, threads=8)
