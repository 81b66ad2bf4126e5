"""Judges that no error answer shows what only developers should see: traces, SQL, drivers' texts, paths."""

import re
from collections.abc import Iterator
from typing import Any

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of, text_of

_ID = "stack-traces"
_REQUIREMENT = "errors.no-stack-traces"
_LONGEST_QUOTE = 120

#: By reason code: what it is and how it looks. Each is specific enough not to match prose about it.
_LOOKS: dict[str, tuple[tuple[str, str], ...]] = {
    "stack-trace": (
        ("a Python traceback", r"Traceback \(most recent call last\)"),
        ("a Python frame", r'File "[^"\n]+\.py", line \d+'),
        ("a Java frame", r"\bat [\w$.]+\([\w$]+\.(?:java|kt|scala):\d+\)"),
        (
            "a Java exception",
            r"\b(?:Caused by|Exception in thread [^:]+): ?[\w.$]*(?:Exception|Error)",
        ),
        (
            "a JavaScript frame",
            r"\bat (?:async )?[^\s(]* ?\(?(?:file://|node:|/|[A-Z]:\\)[^\s()]*:\d+:\d+",
        ),
        ("a .NET frame", r"\bat [\w.`<>\[\]]+\([^)\n]*\) in [^\n]+:line \d+"),
        ("a Go panic", r"\bgoroutine \d+ \[\w+[^\]]*\]:"),
        ("a Go frame", r"/[\w.-]+\.go:\d+ \+0x[0-9a-f]+"),
        ("a Ruby frame", r"\w\.rb:\d+:in [`']"),
        ("a PHP frame", r"#\d+ [\w./-]+\.php\(\d+\): "),
        ("a PHP error", r"\b(?:Fatal|Parse) error\b.{0,200}? in \S+\.php(?: on line |:)\d+"),
        ("a Rust panic", r"thread '[^']+' panicked at"),
        ("an Elixir frame", r"\(\w+ \d+\.\d+\.\d+\) lib/[\w./]+\.exs?:\d+:"),
    ),
    "debug-page": (
        ("the debugger of Werkzeug", r"Werkzeug Debugger|EVALEX_TRUSTED|__debugger__=yes"),
        ("the debug page of Django", r"because you have <code>DEBUG = True|DJANGO_SETTINGS_MODULE"),
        ("the debug page of Rails", r"Action Controller: Exception caught|Rails\.root: /"),
        ("the debug page of Laravel", r"Illuminate\\\\?[A-Z]\w+|laravel/ignition|Whoops! There was an error"),
        ("the debug page of Symfony", r"Symfony Exception|sf-dump|Symfony\\\\?Component\\\\?"),
        ("the error page of ASP.NET", r"Server Error in '[^']*' Application|\bSystem\.[A-Z]\w+Exception:"),
        ("a Java exception's name", r"^(?:java|javax|org|com|io)\.[\w.]+(?:Exception|Error)\b"),
        ("a Node.js exception's place", r"UnhandledPromiseRejection|\bnode:internal/"),
        (
            "a Gin or Go recovery",
            r"\[Recovery\] .* panic recovered|runtime error: (?:index out|invalid memory|slice bounds)",
        ),
    ),
    "sql-shown": (
        ("an SQL statement", r"\[SQL: |\bINSERT INTO \w+ ?\(|\bUPDATE \w+ SET \w+ ?="),
        ("an SQL statement", r"\bSELECT\s[\s\S]{1,300}?\sFROM\s+\w+\s+(?:WHERE|LIMIT|ORDER|JOIN)\b"),
        ("a database's message", r"SQLSTATE\[|\bORA-\d{5}\b|syntax error at or near"),
        ("a database's message", r"You have an error in your SQL syntax|unrecognized token: \""),
        (
            "a database's message",
            r"UNIQUE constraint failed: \w+\.\w+|duplicate key value violates unique constraint",
        ),
    ),
    "driver-shown": (
        (
            "a Python driver's exception",
            (
                r"\b(?:sqlalchemy\.exc|sqlite3|psycopg2?|asyncpg\.exceptions|pymysql\.err|redis\.exceptions"
                r"|httpx|pydantic_core(?:\._pydantic_core)?)\.\w*(?:Error|Exception|Timeout)\b"
            ),
        ),
        (
            "a driver's exception",
            r"\b(?:org\.hibernate|java\.sql|com\.mysql|System\.Data\.SqlClient)[\w.]*\.\w*(?:Error|Exception)\b",
        ),
    ),
    "path-shown": (
        (
            "a path of the file system",
            (
                r"(?<![\w/])/(?:usr/(?:local/)?lib|home/[\w.-]+|opt/[\w.-]+|root|var/(?:www|lib)|srv|app)"
                r"/[\w./-]*\.(?:py|js|ts|rb|php|java|go|so|jar|sqlite3?|db)\b"
            ),
        ),
        ("a path of installed packages", r"/site-packages/|/node_modules/"),
        ("a Windows path", r"\b[A-Z]:\\(?:Users|inetpub|Program Files)\\"),
    ),
}
_LEAKS = tuple(
    (code, what, re.compile(pattern, re.MULTILINE))
    for code, looks in _LOOKS.items()
    for what, pattern in looks
)


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from its error answers and the errors inside GraphQL answers."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="error answers explain the error without stack traces, SQL, drivers' texts or paths",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        text = _error_text(response)
        if text is None:
            continue
        code, seen = _leak(text, item)
        if code:
            seen = f"{item.request.method} {item.request.path} answered {response.status} with {seen}"
        yield Observation(subject="target", exchange=item, flaw=code, seen=seen)


def _error_text(response: Response) -> str | None:
    body = json_of(response)
    if response.status >= 400:
        return text_of(response) if body is None else _strings(body)
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        return _strings(body["errors"])
    return None


def _strings(body: Any) -> str:
    """Return every text in a JSON value, one a line, so that escapes do not hide what it says."""
    texts: list[str] = []
    open_: list[Any] = [body]
    while open_:
        node = open_.pop()
        if isinstance(node, str):
            texts.append(node)
        elif isinstance(node, dict):
            open_.extend(node.values())
        elif isinstance(node, list):
            open_.extend(node)
    return "\n".join(reversed(texts))


def _leak(text: str, item: Exchange) -> tuple[str, str]:
    """Return reason code and quote of the first leak; what the request itself brought is no leak."""
    asked = f"{item.request.target}\n{text_of(item.request) or ''}"
    for code, what, pattern in _LEAKS:
        match = pattern.search(text)
        if match is not None and match.group(0) not in asked:
            return code, f"{what}: {' '.join(match.group(0).split())[:_LONGEST_QUOTE]}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(500)),
    bad=recorded(
        exchange(
            500,
            'Traceback (most recent call last):\n  File "/app/main.py", line 3, in get\nKeyError: 1',
            media_type="text/plain",
        )
    ),
)
