"""OpenAPI documents become operations; whatever else comes gets a reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.target.openapi import UnreadableDocument, operations_of, parse_document

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://x.test/base/"}],
    "security": [{"bearer": ["read"]}],
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "get": {
                "operationId": "getItem",
                "responses": {
                    "200": {"content": {"Application/JSON": {}}},
                    "404": {"$ref": "#/components/responses/Missing"},
                },
            },
        },
        "/items": {"post": {"requestBody": {"content": {"application/json": {}}}, "responses": {"201": {}}}},
        "/health": {"get": {"security": [], "responses": {"default": {}}}},
        "/maybe": {"get": {"security": [{}, {"bearer": []}], "responses": {}}},
    },
    "components": {"responses": {"Missing": {"content": {"application/problem+json": {}}}}},
}


def test_operations_know_their_statuses_media_types_scopes_and_input() -> None:
    operations = operations_of(DOCUMENT)

    assert [item.subject for item in operations] == [
        "GET /health",
        "POST /items",
        "GET /items/{id}",
        "GET /maybe",
    ]
    item = operations.find("GET", "/base/items/7")
    assert item is not None
    assert item.responses == {"200": ("application/json",), "404": ("application/problem+json",)}
    assert (item.is_secured, item.scopes, item.takes_input) == (True, ("read",), True)


def test_an_empty_or_optional_security_leaves_an_operation_open() -> None:
    operations = {item.path: item for item in operations_of(DOCUMENT)}

    assert not operations["/health"].is_secured
    assert not operations["/maybe"].is_secured
    assert operations["/items"].is_creating
    assert not operations["/health"].takes_input


def test_a_literal_path_wins_over_a_template() -> None:
    document = {"openapi": "3.0.0", "paths": {"/a/{x}": {"get": {}}, "/a/b": {"get": {}}}}

    found = operations_of(document).find("get", "/a/b")

    assert found is not None
    assert found.path == "/a/b"


def test_swagger_2_names_its_base_path_and_media_types_elsewhere() -> None:
    document = {
        "swagger": "2.0",
        "basePath": "/v1",
        "produces": ["text/csv"],
        "paths": {"/rows": {"get": {"responses": {"200": {"schema": {}}, "204": {}}}}},
    }

    found = operations_of(document).find("GET", "/v1/rows")

    assert found is not None
    assert found.responses == {"200": ("text/csv",), "204": ()}


@pytest.mark.parametrize(
    ("content", "reason", "looks_like_one"),
    [
        (b'{"openapi": ', "does not parse", True),
        (b"<html></html>", "no openapi or swagger member", False),
        (b"[]", "no openapi or swagger member", False),
        (b"\xff\xfe", "no openapi or swagger member", False),
        (b'{"openapi": "3.1.0", "paths": []}', "paths are no object", True),
        (b'{"openapi": "3.1.0"' + b" " * 20_000_001 + b"}", "larger than", True),
    ],
)
def test_what_is_no_document_is_said(content: bytes, reason: str, looks_like_one: bool) -> None:
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        parse_document(content)

    assert caught.value.looks_like_one is looks_like_one


def test_references_in_circles_end() -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/A"}}}}},
        "components": {"responses": {"A": {"$ref": "#/components/responses/A"}}},
    }

    assert operations_of(document).all[0].responses == {"200": ()}


@given(
    st.dictionaries(
        st.sampled_from(["/a", "/b/{c}"]), st.dictionaries(st.sampled_from(["get", "parameters"]), JSON)
    )
)
def test_no_shape_of_a_document_crashes_the_reader(paths: dict[str, Any]) -> None:
    document = parse_document(json.dumps({"openapi": "3.1.0", "paths": paths}).encode())

    for operation in operations_of(document):
        assert operation.subject
