"""Finds links in what a target answers: to its API document, and to what else it has; pure."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_DOCUMENT_IN_SCRIPT = re.compile(
    r"""(?:["']?(?:url|specUrl|spec-url|openapi|swaggerUrl)["']?\s*[:=]\s*)["']([^"'\s]{1,300})["']"""
)
_DOCUMENT_NAME = re.compile(
    r"(?:openapi|swagger|api-docs|spec|schema)[^/]*(?:\.json|\.ya?ml)?$", re.IGNORECASE
)
_LINK_HEADER = re.compile(r'<([^>]{1,500})>[^,]*?;\s*rel="?([^",;]+)"?')
_DOCUMENT_RELATIONS = frozenset({"service-desc", "describedby", "service-doc"})
_LINKING_MEMBERS = frozenset(
    {"href", "url", "uri", "self", "next", "prev", "first", "last", "related", "link"}
)
_MOST_LINKS = 200
_DEEPEST = 12


def documents_named(page: str, at: str) -> tuple[str, ...]:
    """Return the paths of API documents that a page (Swagger UI, ReDoc, any HTML) points to."""
    found = [match[1] for match in _DOCUMENT_IN_SCRIPT.finditer(page)]
    reader = _read(page)
    found += [value for name, value in reader.attributes if name in {"spec-url", "data-url", "data-spec"}]
    found += [link for link in reader.links if _DOCUMENT_NAME.search(urlsplit(link).path)]
    return _below(found, at)


def documents_linked(headers: Iterable[str], at: str) -> tuple[str, ...]:
    """Return the paths that Link headers call the description of the service (RFC 8631)."""
    return _below((link for link, relation in _relations(headers) if relation in _DOCUMENT_RELATIONS), at)


def links_in(text: str, media_type: str, link_headers: Iterable[str], at: str) -> tuple[str, ...]:
    """Return the paths that an answer links: in HTML, in members of JSON that hold links, in Link headers."""
    found = [link for link, _ in _relations(link_headers)]
    if "json" in media_type:
        with suppress(ValueError, RecursionError):  # no JSON after all, so it links nothing
            found += _in_json(json.loads(text), 0)
    elif "html" in media_type:
        found += _read(text).links
    return _below(found, at)


def _below(links: Iterable[str], at: str) -> tuple[str, ...]:
    """Return links as paths below the origin of `at`; those that leave it are left out."""
    origin = urlsplit(at)
    paths: dict[str, None] = {}
    for link in links:
        try:
            parts = urlsplit(urljoin(at, link))
        except ValueError:
            continue  # no URL
        if (parts.scheme, parts.netloc) == (origin.scheme, origin.netloc) and len(paths) < _MOST_LINKS:
            paths[parts.path + (f"?{parts.query}" if parts.query else "")] = None
    return tuple(paths)


def _relations(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        for match in _LINK_HEADER.finditer(header):
            yield match[1], match[2].strip().lower()


def _in_json(node: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, str) and _is_link(name, value):
                yield value
            else:
                yield from _in_json(value, depth + 1)
    elif isinstance(node, list):
        for item in node[:3]:
            yield from _in_json(item, depth + 1)


def _is_link(name: str, value: str) -> bool:
    is_named = name.lower() in _LINKING_MEMBERS or name.lower().endswith(("_url", "_uri", "href"))
    return value.startswith("/") or (is_named and value.startswith(("http://", "https://")))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            self.attributes.append((name, value))
            if (tag, name) in {("a", "href"), ("link", "href"), ("area", "href")}:
                self.links.append(value)


def _read(page: str) -> _Links:
    reader = _Links()
    reader.feed(page)
    return reader
