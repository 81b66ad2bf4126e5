"""What goes in and out of the lending service, as its document describes it."""

from typing import Any, Literal

from pydantic import BaseModel, Field
from rules import LARGEST_PAGE

PROBLEM: dict[str, Any] = {
    "description": "Refused; the body says why",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {
                    "type": {"type": "string", "format": "uri-reference"},
                    "title": {"type": "string"},
                    "status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}
BEARER: list[dict[str, list[Any]]] = [{"bearer": []}]
INPUT: dict[str | int, Any] = {400: PROBLEM, 413: PROBLEM, 415: PROBLEM, 422: PROBLEM}
GUARDED: dict[str | int, Any] = {401: PROBLEM}
STAFF: dict[str | int, Any] = {401: PROBLEM, 403: PROBLEM}


class Credentials(BaseModel):
    """A name and a password."""

    username: str = Field(min_length=3, max_length=80, examples=["ada@example.org"])
    password: str = Field(min_length=12, max_length=128, examples=["correct horse battery"])


class MemberOut(BaseModel):
    """A member of the library."""

    id: str
    username: str
    role: Literal["member", "librarian"]


class TokenOut(BaseModel):
    """What signing in gives."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class BookOut(BaseModel):
    """A book on the shelf."""

    id: int
    title: str
    author: str
    isbn: str = Field(pattern=r"^[0-9]{13}$")
    year: int = Field(ge=1450, le=2100)


class LoanOut(BaseModel):
    """A book in somebody's hands."""

    id: str
    book_id: int
    due: str = Field(json_schema_extra={"format": "date"})
    state: Literal["lent", "returned"]


class MemberPage(BaseModel):
    """Some of the members."""

    items: list[MemberOut] = Field(max_length=LARGEST_PAGE)
    total: int


class BookPage(BaseModel):
    """Some of the books."""

    items: list[BookOut] = Field(max_length=LARGEST_PAGE)
    total: int


class LoanPage(BaseModel):
    """Some of the loans."""

    items: list[LoanOut] = Field(max_length=LARGEST_PAGE)
    total: int


class HealthOut(BaseModel):
    """The state of the service."""

    status: Literal["ok"]


class Paging(BaseModel):
    """Which page; a page holds at most 50."""

    page: int = Field(default=1, ge=1, le=100_000)
    per_page: int = Field(default=20, ge=1, le=1000, description="More than 50 are never given.")


class Search(Paging):
    """What to look for, and in which order."""

    q: str = Field(default="", max_length=100, description="Words of the title or the author.")
    sort: Literal["title", "author", "year"] = "title"


class LoanIn(BaseModel):
    """Which book to borrow."""

    book_id: int = Field(ge=1, le=2**31, examples=[1])


class ImportIn(BaseModel):
    """Where a book is described."""

    url: str = Field(
        min_length=8,
        max_length=500,
        json_schema_extra={"format": "uri"},
        examples=["https://books.example/emma.json"],
    )


class MemberPath(BaseModel):
    """Which member."""

    member_id: str = Field(min_length=1, max_length=40)


class BookPath(BaseModel):
    """Which book."""

    book_id: int = Field(ge=1, le=2**31, json_schema_extra={"example": 1})


class LoanPath(BaseModel):
    """Which loan."""

    loan_id: str = Field(min_length=1, max_length=40)


class CoverQuery(BaseModel):
    """Which cover."""

    name: str = Field(max_length=100, json_schema_extra={"example": "1.png"})


class Cached(BaseModel):
    """What the caller holds already."""

    if_none_match: str = Field(default="", alias="If-None-Match", max_length=200)


class Guarded(BaseModel):
    """What the caller believes to replace."""

    if_match: str = Field(default="", alias="If-Match", max_length=200)


class Idempotent(BaseModel):
    """What makes a repetition harmless."""

    idempotency_key: str = Field(default="", alias="Idempotency-Key", max_length=100)
