"""Decides what may leave for a deployment: reads until its owner consented to more; pure.

It is a fuse and no substitute for engines that send nothing they may not: what it stops is recorded as a gap
`not-sent`, and no judge ever sees an answer to it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qs, unquote

READS = frozenset({"GET", "HEAD", "OPTIONS"})

#: A longer head or body than this is not read on to find out what it is.
LONGEST_HEAD = 256 * 1024
LONGEST_BODY = 256 * 1024

_MCP_READS = frozenset(
    {
        "initialize", "ping", "notifications/initialized", "notifications/cancelled", "tools/list",
        "resources/list", "resources/templates/list", "prompts/list",
    }
)  # fmt: skip
_WRITING_GRAPHQL = re.compile(r"(?<![\w\"$@.:])(?:mutation|subscription)(?=[\s{(@])")
_TEXTS = re.compile(r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*')
_USUAL_GRAPHQL = re.compile(r"/(?:graphql|gql)/?$")
_USUAL_MCP = re.compile(r"/mcp(?:/[^/]*)?/?$")


class Stop(StrEnum):
    """Why something was not sent."""

    NO_CONSENT_WRITES = "no-consent-writes"
    NO_CONSENT_DESTRUCTIVE = "no-consent-destructive"
    NEVER = "never-with-a-credential"
    BUDGET_SPENT = "budget-spent"
    BACKING_OFF = "backing-off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The head of a request and as much of its body as has come."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def read(cls, raw: bytes) -> "Self | None":
        """Return the question in raw bytes, or None while its head is not whole or when it is none."""
        head, mark, body = raw.partition(b"\r\n\r\n")
        if not mark:
            return None
        first, *lines = head.split(b"\r\n")
        words = first.split(b" ")
        if len(words) != 3:
            return None
        pairs = (line.partition(b":") for line in lines)
        return cls(
            method=words[0].decode("latin-1"),
            target=words[1].decode("latin-1"),
            headers=tuple(
                (name.decode("latin-1").lower(), value.strip().decode("latin-1")) for name, _, value in pairs
            ),
            body=body,
        )

    def header(self, name: str) -> str:
        """Return the first value of a header by its lower-case name."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.split("?", 1)[0]

    @property
    def missing(self) -> int | None:
        """How many bytes of the body have not come; None when nobody said how long it is."""
        if self.header("transfer-encoding"):
            return None
        length = self.header("content-length")
        return max(0, int(length) - len(self.body)) if length.isascii() and length.isdigit() else 0

    @property
    def surplus(self) -> int:
        """How many bytes came after the end of the body."""
        length = self.header("content-length")
        return max(0, len(self.body) - (int(length) if length.isascii() and length.isdigit() else 0))


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the owner consented to, in the target file's words; `prefix` stands before declared paths."""

    may_write: bool = False
    destructive: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    graphql: tuple[str, ...] = ()
    mcp: tuple[str, ...] = ()
    prefix: str = ""
    credentials: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read the JSON form."""
        return cls(
            may_write=bool(record["may_write"]),
            destructive=tuple(record["destructive"]),
            never=tuple(record["never"]),
            graphql=tuple(record["graphql"]),
            mcp=tuple(record["mcp"]),
            prefix=str(record["prefix"]),
        )

    def stop(self, question: Question) -> Stop | None:
        """Return why a question must not be sent, or None. It is asked again when more of the body came."""
        if _names(self._never, question) and self._has_credential(question):
            return Stop.NEVER
        if question.method in READS:
            is_writing = self._is_graphql(question) and _writes_by_query(question.target)
            hides_more = question.surplus or question.missing is None or question.header("upgrade")
            return Stop.NO_CONSENT_WRITES if not self.may_write and (is_writing or hides_more) else None
        if self._ends_own_session(question):
            return None
        if question.method == "DELETE" and not _names(self._destructive, question):
            return Stop.NO_CONSENT_DESTRUCTIVE if self.may_write else Stop.NO_CONSENT_WRITES
        if self.may_write or self._reads_by_post(question):
            return None
        return Stop.NO_CONSENT_WRITES

    def names_never(self, method: str, target: str) -> bool:
        """Whether an operation is one of those that must not be called with a real credential."""
        return _names(self._never, Question(method=method, target=target, headers=(), body=b""))

    def waits_for_body(self, question: Question) -> bool:
        """Whether it depends on the body, which has not all come, if this may be sent."""
        if self.may_write or question.method != "POST" or not question.missing:
            return False
        return question.missing <= LONGEST_BODY and (self._is_graphql(question) or self._is_mcp(question))

    @cached_property
    def _never(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple(_pattern(item, self.prefix) for item in self.never)

    @cached_property
    def _destructive(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple(_pattern(item, self.prefix) for item in self.destructive)

    def _has_credential(self, question: Question) -> bool:
        return any(pair in self.credentials for pair in question.headers)

    def _is_graphql(self, question: Question) -> bool:
        return question.path in self.graphql or _USUAL_GRAPHQL.search(question.path) is not None

    def _is_mcp(self, question: Question) -> bool:
        return question.path.rstrip("/") in self.mcp or _USUAL_MCP.search(question.path) is not None

    def _ends_own_session(self, question: Question) -> bool:
        is_session = bool(question.header("mcp-session-id"))
        return question.method == "DELETE" and is_session and self._is_mcp(question)

    def _reads_by_post(self, question: Question) -> bool:
        if question.method != "POST" or question.missing != 0 or question.surplus:
            return False
        try:
            sent = json.loads(question.body)
        except (ValueError, RecursionError):
            return False
        parts = sent if isinstance(sent, list) and sent else [sent]
        if not all(isinstance(part, dict) for part in parts):
            return False
        if self._is_graphql(question):
            return all(_only_queries(part.get("query")) for part in parts)
        return self._is_mcp(question) and all(part.get("method") in _MCP_READS for part in parts)


def _only_queries(text: object) -> bool:
    return isinstance(text, str) and _WRITING_GRAPHQL.search(_TEXTS.sub(" ", text)) is None


def _writes_by_query(target: str) -> bool:
    queries = parse_qs(target.partition("?")[2]).get("query", ())
    return not all(_only_queries(query) for query in queries)


def _names(patterns: Iterable[tuple[str, re.Pattern[str]]], question: Question) -> bool:
    path = unquote(question.path).rstrip("/") or "/"
    return any(
        method in {"", question.method} and pattern.fullmatch(path) is not None
        for method, pattern in patterns
    )


def _pattern(item: str, prefix: str) -> tuple[str, re.Pattern[str]]:
    """Read `DELETE /items/{id}` or `/internal/*`."""
    method, _, path = item.rpartition(" ")
    parts = re.split(r"(\{[^}]+\}|\*)", path.rstrip("/") or "/")
    words = {"{": "[^/]+", "*": ".*"}
    pattern = "".join(words.get(part[:1], re.escape(part)) for part in parts)
    return method.strip().upper(), re.compile(re.escape(prefix) + pattern)
