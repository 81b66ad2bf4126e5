"""Compares answers by what they show, without what changes from one answer to the next."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import httpx

_VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\b[A-Za-z]*_?[0-9a-f]{16,}\b"
    r"|\b\d{9,}(?:\.\d+)?\b"
)


def skeleton(answer: httpx.Response, *echoes: str) -> str:
    """Return status and content with the caller's own words, identifiers and times taken out."""
    text = answer.text
    for echo in echoes:
        for spelling in {echo, quote(echo), quote_plus(echo), html.escape(echo), json.dumps(echo)[1:-1]}:
            if spelling:
                text = text.replace(spelling, "")
    return f"{answer.status_code} {_VOLATILE.sub('*', text)}"


def form_of(answer: httpx.Response) -> str:
    """Return the shape of a JSON answer: member names and types, not values; nothing for anything else."""
    body = body_of(answer)
    return "" if body is None else json.dumps(_shape(body), sort_keys=True)


def body_of(answer: httpx.Response) -> Any:
    """Return the JSON body, or None."""
    try:
        return answer.json()
    except ValueError:
        return None


def members(body: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield every named member of a JSON value, outermost first."""
    if depth > 8:
        return
    if isinstance(body, dict):
        yield from body.items()
    for each in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from members(each, depth + 1)


def holds(body: Any, value: object) -> bool:
    """Whether a JSON value is, or holds somewhere, a value."""
    if body == value and type(body) is type(value):
        return True
    below = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return any(holds(each, value) for each in below)


def _shape(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _shape(each) for name, each in body.items()}
    if isinstance(body, list):
        return [_shape(body[0])] if body else []
    return type(body).__name__
