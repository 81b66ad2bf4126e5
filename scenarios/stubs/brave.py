"""A double of the Brave Search API: web and news search, strict about what it is asked.

Run it: `python scenarios/stubs/brave.py --port 9001`.
"""

import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from serving import MODES, Answer, Request, StubServer, json_answer, serve

STUB = {
    "id": "brave",
    "speaks": "Brave Search API: GET /res/v1/web/search, GET /res/v1/news/search",
    "ready": "/__stub/health",
    "modes": MODES,
}

_MOST = {"/res/v1/web/search": 20, "/res/v1/news/search": 50}
_LARGEST_OFFSET = 9
_LONGEST_QUERY = 400
_MOST_WORDS = 50
_SAFE = frozenset({"off", "moderate", "strict"})
_KNOWN = frozenset(
    {
        "q", "count", "offset", "country", "search_lang", "ui_lang", "safesearch", "freshness", "spellcheck",
        "text_decorations", "result_filter", "extra_snippets", "units",
    }
)  # fmt: skip
_PLENTY = {
    "X-RateLimit-Limit": "20, 0",
    "X-RateLimit-Policy": "20;w=1, 0;w=2592000",
    "X-RateLimit-Remaining": "19, 0",
    "X-RateLimit-Reset": "1, 0",
}


def build(port: int) -> StubServer:
    """Return a stub that listens on the port."""
    return StubServer(port, respond=respond, fail=fail)


def respond(request: Request) -> tuple[Answer, Mapping[str, object]]:
    """Answer as the service does: refuse what it refuses, else results made from the query."""
    if request.path not in _MOST:
        return _refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Not found", ()), {}
    if request.method != "GET":
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed", ()), {}
    wrong = tuple(_wrong(request))
    if wrong:
        detail = "Unable to validate request parameter(s)"
        return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION", detail, wrong), {"wrong": wrong}
    if request.header("x-subscription-token").startswith("invalid"):
        detail = "The provided subscription token is invalid."
        return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "SUBSCRIPTION_TOKEN_INVALID", detail, ()), {}
    body = _news(request) if request.path.endswith("/news/search") else _web(request)
    return json_answer(body, headers=_PLENTY), {}


def fail(status: int, headers: Mapping[str, str]) -> Answer:
    """Return a failure in the service's own words."""
    code = "RATE_LIMITED" if status == HTTPStatus.TOO_MANY_REQUESTS else "INTERNAL"
    answer = _refusal(
        status, code, "Request rate limit exceeded for plan." if headers else "Server error", ()
    )
    return Answer(status=status, body=answer.body, headers=headers)


def _wrong(request: Request) -> list[str]:
    wrong = []
    if not request.header("x-subscription-token"):
        wrong.append("header:x-subscription-token")
    query = _one(request, "q")
    if not query.strip() or len(query) > _LONGEST_QUERY or len(query.split()) > _MOST_WORDS:
        wrong.append("query:q")
    if not _is_between(_one(request, "count", "1"), 1, _MOST[request.path]):
        wrong.append("query:count")
    if not _is_between(_one(request, "offset", "0"), 0, _LARGEST_OFFSET):
        wrong.append("query:offset")
    if _one(request, "safesearch", "moderate") not in _SAFE:
        wrong.append("query:safesearch")
    country = _one(request, "country", "US")
    if country != "ALL" and not (len(country) == 2 and country.isalpha()):
        wrong.append("query:country")
    wrong.extend(f"query:{name}" for name in sorted(set(request.query) - _KNOWN))
    return wrong


def _one(request: Request, name: str, default: str = "") -> str:
    return request.query.get(name, (default,))[0]


def _is_between(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdigit() and low <= int(text) <= high


def _web(request: Request) -> Mapping[str, object]:
    query = _one(request, "q")
    results = [
        {
            "type": "search_result",
            "title": f"{query}: result {number}",
            "url": f"https://example.org/web/{number}",
            "description": f"What there is to know about {query}, part {number}.",
            "is_source_local": False,
            "is_source_both": False,
            "family_friendly": True,
            "language": "en",
            "profile": {"name": "Example", "url": "https://example.org", "long_name": "example.org"},
            "meta_url": _meta_url("web", number),
            "age": "2 days ago",
            "page_age": "2026-01-02T03:04:05",
        }
        for number in _numbers(request, "20")
    ]
    return {
        "type": "search",
        "query": {"original": query, "show_strict_warning": False, "more_results_available": True},
        "mixed": {
            "type": "mixed",
            "main": [{"type": "web", "index": 0, "all": False}],
            "top": [],
            "side": [],
        },
        "web": {"type": "search", "results": results, "family_friendly": True},
    }


def _news(request: Request) -> Mapping[str, object]:
    query = _one(request, "q")
    results = [
        {
            "type": "news_result",
            "title": f"{query} in the news, item {number}",
            "url": f"https://example.org/news/{number}",
            "description": f"Reported today: {query}.",
            "age": "3 hours ago",
            "page_age": "2026-01-02T03:04:05",
            "breaking": False,
            "meta_url": _meta_url("news", number),
        }
        for number in _numbers(request, "20")
    ]
    return {"type": "news", "query": {"original": query, "show_strict_warning": False}, "results": results}


def _numbers(request: Request, default: str) -> range:
    count, page = int(_one(request, "count", default)), int(_one(request, "offset", "0"))
    return range(page * count + 1, page * count + count + 1)


def _meta_url(kind: str, number: int) -> Mapping[str, str]:
    host = "example.org"
    return {"scheme": "https", "netloc": host, "hostname": host, "path": f"› {kind} › {number}"}


def _refusal(status: int, code: str, detail: str, wrong: tuple[str, ...]) -> Answer:
    errors = [{"loc": place.split(":"), "msg": "Invalid value", "type": "value_error"} for place in wrong]
    error = {"code": code, "detail": detail, "meta": {"errors": errors}, "status": int(status)}
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(error)))
    return json_answer({"type": "ErrorResponse", "error": {"id": identity, **error}}, status=int(status))


if __name__ == "__main__":
    serve("A double of the Brave Search API.", build)
