"""Where operations stand in a document, in JSON however it is laid out, and in YAML."""

import json

import pytest

from harness.target.openapi import read_openapi
from harness.target.positions import operation_positions

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "paths", "description": 'a } and a " and {"paths": {"/no": {"get": {}}}}'},
    "paths": {
        "/ä/{id}": {"parameters": [{"in": "path"}], "get": {}, "post": {"x": ["}"]}},
        "/b": {"get": {}},
    },
    "components": {"paths": {"/c": {"get": {}}}},
}


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_each_operation_of_a_json_document_is_found_where_its_name_stands(
    indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(DOCUMENT, indent=indent, ensure_ascii=ascii_only)

    found = operation_positions(text.encode())

    assert {("get", "/ä/{id}"), ("post", "/ä/{id}"), ("get", "/b")} <= set(found)
    assert ("get", "/c") not in found
    assert ("get", "/no") not in found
    lines = text.split("\n")
    for (method, _), (line, column) in found.items():
        assert lines[line - 1][column - 1 :].startswith(f'"{method}"')


def test_each_operation_of_a_yaml_document_is_found() -> None:
    text = "openapi: 3.1.0\npaths:\n  /a:\n    get: {}\n\n    'post':\n      summary: x\n"

    assert operation_positions(text.encode()) == {("get", "/a"): (4, 5), ("post", "/a"): (6, 5)}


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"paths": {"/a": {"get"', b"[]", b'{"paths": []}', b"\xff\xfe", b"a: [", b"- 1"]
)
def test_what_cannot_be_followed_has_no_positions(content: bytes) -> None:
    assert operation_positions(content) == {}


def test_operations_know_where_they_are_declared() -> None:
    document = {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}}}

    (operation,) = read_openapi(json.dumps(document, indent=1).encode()).operations

    assert (operation.line, operation.column) == (5, 4)
