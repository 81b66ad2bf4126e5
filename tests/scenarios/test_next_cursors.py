"""How the portable pack finds its way from one page to the next."""

import importlib.util
from pathlib import Path

import httpx
import pytest

_FILE = Path(__file__).parents[2] / "scenarios" / "portable" / "test_paging.py"


@pytest.mark.parametrize(
    ("page", "cursor"),
    [
        ({"items": [], "next_cursor": "abc"}, "abc"),
        ({"items": [], "next_after": 40}, "40"),
        ({"items": [], "meta": {"nextPageToken": "t"}}, "t"),
        ({"items": [], "next_after": None}, ""),
        ({"items": [], "next": "/items?page=2"}, ""),
        ({"items": [], "next": True}, ""),
    ],
)
def test_a_page_names_the_cursor_of_the_next(page: dict[str, object], cursor: str) -> None:
    spec = importlib.util.spec_from_file_location("paging_of_the_pack", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module._next_cursor(httpx.Response(200, json=page)) == cursor
