"""What the handlers of the library share: the tables, the rules, and how answers are said."""

import sqlite3
from dataclasses import dataclass

from flask import Response, jsonify, request
from rules import Row, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Reads the tables and words the answers."""

    db: sqlite3.Connection
    rules: Rules

    def failure(self, status: int, title: str, detail: str, **headers: str) -> Response:
        """Say why not."""
        answer = jsonify(self.rules.problem(status, title, detail))
        answer.status_code = status
        answer.content_type = "application/problem+json"
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return answer

    def success(self, body: object, status: int = 200, **headers: str) -> Response:
        """Say what there is."""
        answer = jsonify(body)
        answer.status_code = status
        answer.content_type = self.rules.media_type(request.endpoint or "")
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return answer

    def one(self, query: str, *values: object) -> Row | None:
        """Return the first row of a query."""
        found: Row | None = self.db.execute(query, values).fetchone()
        return found
