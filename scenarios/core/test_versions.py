"""Two versions side by side: asked for by path or by header, and the old one says that it ends."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account
from harness.layers.scenarios.expect import asked, expect_status, json_of, shown

_PATH = "/api/circuit-breakers/status"
_DEPRECATED_AT = re.compile(r"@(\d+)")
_LINK = re.compile(r'<([^>]+)>[^,]*;\s*rel="?deprecation"?')


def shape(value: Any) -> Any:
    """Return what a document is made of, without its values."""
    match value:
        case dict():
            return {name: shape(each) for name, each in sorted(value.items())}
        case list():
            return [shape(value[0])] if value else []
        case bool() | int() | float() | str() | None:
            return "scalar"


def by_header(visitor: Account, version: str) -> httpx.Response:
    """Ask for a version by header."""
    return visitor.client.get(_PATH, headers={"API-Version": version})


@pytest.mark.requirement("api.versions-by-url-and-header")
def test_path_and_header_ask_for_the_same_version(visitor: Account) -> None:
    """A version has one shape by path and by header, the two differ, and the newest is the default."""
    visitor.client.get("/api/search/web", params={"q": "something that has a breaker"})
    shapes: dict[str, Mapping[str, Any]] = {}
    for version in ("1", "2"):
        asked_by_header = shape(json_of(by_header(visitor, version)))
        asked_by_path = shape(json_of(visitor.client.get(f"/v{version}{_PATH}")))
        assert asked_by_path == asked_by_header, f"/v{version} has another shape than API-Version: {version}"
        shapes[version] = asked_by_header
    assert shapes["1"] != shapes["2"], "the two versions do not differ"
    assert shape(json_of(visitor.client.get(_PATH))) == shapes["2"], "the newest version is not the default"
    expect_status(by_header(visitor, "99"), 400, 404, 406, when="with an API-Version that does not exist")


@pytest.mark.requirement("api.deprecation-announced")
def test_the_old_version_announces_its_end(visitor: Account) -> None:
    """Answers of version 1 carry Deprecation, a later Sunset, and a link; those of version 2 carry none."""
    for answer in (visitor.client.get(f"/v1{_PATH}"), by_header(visitor, "1")):
        expect_status(answer, 200)
        given = answer.headers.get("deprecation", "")
        found = _DEPRECATED_AT.fullmatch(given)
        assert found, f"{asked(answer)}: Deprecation is {given!r}, not @ and seconds (RFC 9745)"
        sunset = answer.headers.get("sunset", "")
        assert sunset.endswith("GMT"), f"{asked(answer)}: Sunset is {sunset!r}, not an HTTP date (RFC 8594)"
        ends = parsedate_to_datetime(sunset).timestamp()
        assert ends >= int(found[1]), f"Sunset {sunset} is before the deprecation {given}"
        assert _LINK.search(answer.headers.get("link", "")), (
            f"no link to a note: {answer.headers.get('link')}"
        )
    newest = expect_status(visitor.client.get(f"/v2{_PATH}"), 200)
    assert "deprecation" not in newest.headers, "the newest version says that it is deprecated"


@pytest.mark.requirement("docs.deprecation-note-resolves")
def test_the_migration_note_exists_and_names_the_successor(visitor: Account, client: httpx.Client) -> None:
    """The note that a deprecated answer links to can be read by anybody and names version 2."""
    answer = expect_status(visitor.client.get(f"/v1{_PATH}"), 200)
    link = _LINK.search(answer.headers.get("link", ""))
    assert link, "the deprecated answer links to no note"

    note = client.get(httpx.URL(link[1]).path)

    expect_status(note, 200)
    assert re.search(r"/v2\b|version 2", note.text, re.IGNORECASE), (
        f"the note names no successor: {shown(note)}"
    )
