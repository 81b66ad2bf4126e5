"""A library that lends books: Flask, an OpenAPI 3.1 document from flask-openapi3, JSON Web Tokens, SQLite."""

import argparse
import os
import secrets
import sqlite3
import tempfile
import threading
from pathlib import Path

import jwt
import waitress
from books import add_books
from defects import rules_with
from desk import Desk
from flask import Flask, Response, g, request
from flask_openapi3 import Info, OpenAPI
from loans import add_loans
from people import add_people
from pydantic import ValidationError
from rules import Rules
from shapes import HealthOut
from werkzeug.exceptions import HTTPException
from werkzeug.security import generate_password_hash

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


_LARGEST_COVER = 200_000


def make_app(rules_class: type[Rules], librarian: tuple[str, str]) -> Flask:  # noqa: C901 - one handler after the other
    """Return the application; what can be decided one way or another is in `rules`."""
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.executescript(TABLES)
    lock = threading.RLock()
    rules = rules_class(db, Path(tempfile.mkdtemp(prefix="lending-covers-")))
    for title, author, isbn, year in SHELF:
        rules.insert_book({"title": title, "author": author, "isbn": isbn, "year": year})
    desk = Desk(db=db, rules=rules)
    one, success, failure = desk.one, desk.success, desk.failure
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

    add_people(app, desk)
    add_books(app, desk)
    add_loans(app, desk)

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    staff = (os.environ["LIBRARIAN_USERNAME"], os.environ["LIBRARIAN_PASSWORD"])
    chosen = rules_with(os.environ.get("FIELD_DEFECTS", ""))
    waitress.serve(make_app(chosen, staff), host="127.0.0.1", port=port, threads=8)
