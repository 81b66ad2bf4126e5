"""Texts for people: the migration note, and the published document as a page without scripts."""

from collections.abc import Mapping
from html import escape
from typing import Any

MIGRATION_TEXT = """\
Moving from version 1 to version 2

Version 2 is what you get without asking. Version 1 still answers under /v1/ or with `API-Version: 1`,
and says with Deprecation and Sunset until when.

GET /api/circuit-breakers/status is the operation whose answer differs; /openapi.json has both shapes.
All other operations answer the same in both versions. Send `API-Version: 2`, or call /v2/, to be sure.
"""
_METHODS = ("get", "post", "put", "patch", "delete")


def page(document: Mapping[str, Any]) -> str:
    """The operations by tag, with what they need and answer."""
    info = document["info"]
    sections = "".join(_section(tag, document["paths"]) for tag in document.get("tags", ()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(info['title'])}</title>"
        "<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "code{font-size:.95em}summary{cursor:pointer}li{margin:.2rem 0}</style></head><body>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
        f'<p>Machine readable: <a href="/openapi.json">/openapi.json</a></p>{sections}</body></html>'
    )


def _section(tag: Mapping[str, Any], paths: Mapping[str, Any]) -> str:
    operations = "".join(
        _operation(path, method, item[method])
        for path, item in paths.items()
        for method in _METHODS
        if method in item and tag["name"] in item[method].get("tags", ())
    )
    return f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>{operations}"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    answers = "".join(f"<li><code>{escape(status)}</code></li>" for status in operation["responses"])
    title = f"<code>{method.upper()} {escape(path)}</code> {escape(operation['summary'])}"
    return (
        f"<details><summary>{title}</summary>"
        f"<p>{escape(operation['description'])}</p><ul>{answers}</ul></details>"
    )
