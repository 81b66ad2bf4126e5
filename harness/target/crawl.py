"""Follows links of one origin, by GET alone and not far, and lists what answered."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from harness.target.bounded import NotFetched, fetch
from harness.target.links import links_in

_STATIC = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|pdf|zip|gz|mp[34])$", re.IGNORECASE
)
#: A GET should change nothing; these are left alone in case one does.
_LEFT_ALONE = re.compile(
    r"log[-_]?out|sign[-_]?out|delete|remove|destroy|unsubscribe|revoke|reset|confirm", re.IGNORECASE
)
_IDENTITY = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,}")
_MOST_BYTES = 2 * 1024 * 1024
_MOST_OF_A_KIND = 2

Pages = Mapping[str, Mapping[int, set[str]]]


def crawl(client: httpx.Client, start: str = "/", *, most: int = 50) -> Pages:
    """Return status and media types by path template, from at most `most` requests."""
    waiting = [start or "/"]
    seen: set[str] = set()
    of_a_kind: dict[str, int] = {}
    pages: dict[str, dict[int, set[str]]] = {}
    while waiting and most > 0:
        path = waiting.pop(0)
        template = template_of(path)
        if path in seen or of_a_kind.get(template, 0) >= _MOST_OF_A_KIND or _is_left_alone(path):
            continue
        seen.add(path)
        of_a_kind[template] = of_a_kind.get(template, 0) + 1
        most -= 1
        try:
            answer = fetch(client, path, most_bytes=_MOST_BYTES, seconds=10.0)
        except NotFetched:
            continue  # nothing can be said of it
        if answer.status in {404, 410} or answer.status >= 500:
            continue  # a link that leads nowhere is no operation
        pages.setdefault(template, {}).setdefault(answer.status, set()).add(answer.media_type)
        at = str(client.base_url.join(answer.path))
        headers = answer.headers.get_list("link")
        waiting += links_in(answer.text, answer.media_type, headers, at)
    return pages


def template_of(path: str) -> str:
    """Return a path with what looks like an identity replaced, and without its query."""
    parts = urlsplit(path).path.split("/")
    count = 0
    for at, part in enumerate(parts):
        if _IDENTITY.fullmatch(part):
            count += 1
            parts[at] = "{id}" if count == 1 else f"{{id{count}}}"
    return "/".join(parts) or "/"


def _is_left_alone(path: str) -> bool:
    local = urlsplit(path).path
    return _STATIC.search(local) is not None or _LEFT_ALONE.search(local) is not None
