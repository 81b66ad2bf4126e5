"""How probes read the target's own document, and which of its reads they may ask."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any
from urllib.parse import quote

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, capability, said

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_MOST_ASKED = 8
_IDS = ("id", "uuid", "number", "key", "slug", "name")


def raw_operations(asking: Asking) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each operation's name, its object and that of its path; nothing where there is no document."""
    paths = (asking.instance.openapi_document or {}).get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            raw = item.get(method) if isinstance(item, dict) else None
            if isinstance(raw, dict):
                yield f"{method.upper()} {path}", raw, item


def parameters(
    asking: Asking, raw: Mapping[str, Any], item: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the parameters of an operation, those behind references included."""
    for holder in (item, raw):
        listed = holder.get("parameters")
        for each in listed if isinstance(listed, list) else ():
            found = _pointed(asking, each) if isinstance(each, dict) and "$ref" in each else each
            if isinstance(found, dict):
                yield found


def _pointed(asking: Asking, node: Mapping[str, Any]) -> Any:
    here: Any = asking.instance.openapi_document
    for step in str(node["$ref"]).removeprefix("#/").split("/"):
        here = here.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(here, dict) else None
    return here


def declared_or_absent(probe: str, found: tuple[str, ...], what: str, *, has_document: bool) -> Capability:
    """Return a capability that only the document can show."""
    if found:
        return capability(probe, CapabilityState.PRESENT, f"the document declares {what}", found)
    said = (
        f"the document declares no {what}" if has_document else "there is no document that could declare it"
    )
    return capability(probe, CapabilityState.ABSENT, said)


def seek(
    asking: Asking,
    probe: str,
    shows: Callable[[httpx.Response], bool],
    *,
    lacking: str,
    headers: Mapping[str, str] | None = None,
    needs_item: bool = False,
) -> Capability:
    """Ask declared reads until one shows the capability; `lacking` says that none does.

    Reads that are refused or broken leave it unknown, and so does a target of which nothing is read by GET.
    With `needs_item`, so does one that declares reads of single objects and has none yet to be read.
    """
    seen: list[httpx.Response] = []
    is_closed = False
    given = {**asking.identity_headers(), **(headers or {})}
    items: dict[str, Mapping[str, Any]] = {}
    for path in chain(plain_reads(asking), islice(item_reads(asking, items), _MOST_ASKED)):
        answer = asking.send(probe, "GET", path, headers=given)
        if isinstance(answer, str) or answer.status_code in {401, 403, 429} or answer.status_code >= 500:
            is_closed = True
        elif answer.status_code == 200:
            seen.append(answer)
            items |= _first_item(path, answer)
            if shows(answer):
                return capability(probe, CapabilityState.PRESENT, said(answer), (path,))
    if needs_item and not _was_item_read(asking, items):
        return capability(probe, CapabilityState.UNKNOWN, "no list gave the id of a single object to read")
    if seen and not is_closed:
        return capability(probe, CapabilityState.ABSENT, f"none of {len(seen)} reads {lacking}")
    if is_closed:
        said_so = f"none of {len(seen)} reads {lacking}, and others were refused"
        return capability(probe, CapabilityState.UNKNOWN, said_so)
    return capability(probe, CapabilityState.UNKNOWN, "nothing is read by GET here")


def _was_item_read(asking: Asking, items: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether an id was known for some declared read of a single object, or none is declared."""
    is_declared = any(
        each.method == "GET" and each.path.rstrip("/").endswith("}") for each in asking.instance.operations
    )
    return not is_declared or next(item_reads(asking, items), None) is not None


def plain_reads(asking: Asking) -> tuple[str, ...]:
    """Return addresses of declared reads that need neither an id nor a query, and the root."""
    prefix = _prefix(asking)
    needing = {
        name
        for name, raw, item in raw_operations(asking)
        for each in parameters(asking, raw, item)
        if each.get("required") and each.get("in") in {"query", "header", "cookie"}
    }
    found = [
        prefix + each.path
        for each in asking.instance.operations
        if each.method == "GET"
        and "{" not in each.path
        and each.subject not in needing
        and each.subject not in asking.instance.target.never
        and "text/event-stream" not in {kind for kinds in each.responses.values() for kind in kinds}
    ]
    return tuple(dict.fromkeys([*found[:_MOST_ASKED], "/"]))


def _prefix(asking: Asking) -> str:
    """Return what stands between the base URL and a declared path."""
    prefix = asking.instance.operations.prefix
    return "" if asking.instance.target.base_url.rstrip("/").endswith(prefix) else prefix


def item_reads(asking: Asking, items: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield addresses of single objects: below a list that was read before, by the id that it gave.

    `items` holds the first item by the address of its list; it may fill while others are read.
    """
    prefix, never = _prefix(asking), asking.instance.target.never
    for each in asking.instance.operations:
        before, parameter, rest = each.path.partition("{")
        name, _, after = rest.partition("}")
        is_item = each.method == "GET" and parameter and not after.strip("/")
        if not is_item or each.subject in never:
            continue
        item = items.get((prefix + before).rstrip("/"), {})
        value = next((item[key] for key in (name, name.rpartition("_")[2], *_IDS) if key in item), None)
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield prefix + before + quote(str(value), safe="")


def _first_item(path: str, answer: httpx.Response) -> dict[str, Mapping[str, Any]]:
    """Return the first object of a list by the list's address; nothing for anything but a list."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    lists = [
        each for each in (body, *(body.values() if isinstance(body, dict) else ())) if isinstance(each, list)
    ]
    first = next((each[0] for each in lists if each and isinstance(each[0], dict)), None)
    return {} if first is None else {path.rstrip("/"): first}
