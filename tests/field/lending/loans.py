"""Loans of the library: borrowing once by a key, and bringing back."""

import secrets
from datetime import UTC, datetime, timedelta

from desk import Desk
from flask import Response, g, request
from flask_openapi3 import OpenAPI
from shapes import BEARER, GUARDED, INPUT, PROBLEM, Idempotent, LoanIn, LoanOut, LoanPage, LoanPath, Paging


def add_loans(app: OpenAPI, desk: Desk) -> None:  # noqa: C901 - one handler after the other
    """Add the handlers."""
    rules, db, one, success, failure = desk.rules, desk.db, desk.one, desk.success, desk.failure

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
