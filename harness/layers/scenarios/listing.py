"""Reads lists as services answer them: where the items stand, what tells them apart, and where to go next."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

_USUAL = ("items", "data", "results", "content", "records", "entries", "values", "value", "rows", "elements")
_IDS = ("id", "uuid", "_id", "key", "slug", "name", "code", "uid", "number")
_NEXT = ("next", "next_page", "nextPage", "next_url", "nextUrl", "nextLink", "@odata.nextLink")
_ADDRESS = re.compile(r"(?:https?:/)?/|\?")
_LINK = re.compile(r'<([^>]*)>[^<]*?;\s*rel\s*=\s*"?([^",;]*)"?', re.IGNORECASE)


def items_of(body: Any) -> Sequence[Mapping[str, Any]] | None:
    """Return the objects that a list answer holds; None when it is no list of objects."""
    if isinstance(body, list):
        return body if all(isinstance(item, dict) for item in body) else None
    if not isinstance(body, dict):
        return None
    names = [*(name for name in _USUAL if name in body), *(name for name in body if name not in _USUAL)]
    for name in names:
        value = body[name]
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
    nested = body.get("data") or body.get("_embedded")
    return items_of(nested) if isinstance(nested, dict) else None


def key_of(item: Mapping[str, Any]) -> str:
    """Return what tells an item from others: an id by one of the usual names; empty when it has none."""
    for name in _IDS:
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return f"{name}={value}"
    return ""


def identifier_for(parameter: str, item: Mapping[str, Any]) -> str:
    """Return the item's value for a path parameter: the member of that name, or its id."""
    last = re.split(r"[_-]|(?<=[a-z])(?=[A-Z])", parameter)[-1].lower()
    for name in (parameter, last, "id"):
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def next_of(answer: httpx.Response) -> str:
    """Return the address of the next page that an answer names; empty when it names none."""
    for value in answer.headers.get_list("link"):
        for address, relations in _LINK.findall(value):
            if "next" in relations.lower().split():
                return str(address)
    try:
        body = answer.json()
    except ValueError:
        return ""
    return _next_in(body) if isinstance(body, dict) else ""


def _next_in(body: Mapping[str, Any]) -> str:
    named = (body[name] for name in ("links", "_links", "paging", "pagination", "meta") if name in body)
    for holder in (body, *named):
        listed = next(filter(_is_next, holder), None) if isinstance(holder, list) else None
        members = {"next": listed} if listed is not None else holder
        if not isinstance(members, dict):
            continue
        for name in _NEXT:
            value = members.get(name)
            address = value.get("href") if isinstance(value, dict) else value
            if isinstance(address, str) and _ADDRESS.match(address):
                return address
    return ""


def _is_next(link: object) -> bool:
    """Whether an entry of a list of links (OGC, Siren) is the one to the next page."""
    relation = link.get("rel") if isinstance(link, dict) else None
    return relation == "next" or (isinstance(relation, list) and "next" in relation)
