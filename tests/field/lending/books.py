"""Books of the library: the shelf, its covers, and books taken over from elsewhere."""

import urllib.request
from typing import Annotated

from desk import Desk
from flask import Response, request
from flask_openapi3 import OpenAPI
from pydantic import AfterValidator, BaseModel, Field, ValidationError, WithJsonSchema
from shapes import (
    BEARER,
    INPUT,
    PROBLEM,
    STAFF,
    BookOut,
    BookPage,
    BookPath,
    Cached,
    CoverQuery,
    Guarded,
    ImportIn,
    Search,
)

_PNG = b"\x89PNG\r\n\x1a\n"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that was allowed must not lead to one that is not."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def add_books(app: OpenAPI, desk: Desk) -> None:  # noqa: C901, PLR0915 - one handler after the other
    """Add the handlers."""
    rules, db, one, success, failure = desk.rules, desk.db, desk.one, desk.success, desk.failure

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
