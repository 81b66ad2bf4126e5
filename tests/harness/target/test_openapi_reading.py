"""A document's operations are read; what is broken in it is named and costs no more than itself."""

import json
from typing import Any

import yaml

from harness.target.openapi import read_openapi

GOOD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://{host}/api/", "variables": {"host": {"default": "x.test"}}}],
    "security": [{"bearer": []}],
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path"}],
            "get": {
                "operationId": "readItem",
                "tags": ["items"],
                "security": [{"bearer": ["items:read"]}, {"key": []}],
                "responses": {
                    "200": {"content": {"application/json": {}}},
                    "4xx": {"$ref": "#/components/responses/Problem"},
                    "default": {},
                },
            },
            "put": {"requestBody": {"$ref": "#/components/requestBodies/Item"}, "responses": {"204": {}}},
        },
        "/items": {"post": {"security": [{"bearer": []}, {}], "responses": {"201": {}}}},
        "/health": {"get": {"security": [], "responses": {"200": {}}}},
        "/shared": {"$ref": "#/components/pathItems/Shared"},
    },
    "components": {
        "responses": {"Problem": {"content": {"application/problem+json": {}}}},
        "requestBodies": {"Item": {"content": {"application/json": {}, "text/csv": {}}}},
        "pathItems": {"Shared": {"get": {"responses": {"200": {}}}}},
    },
}


def test_operations_are_read_with_references_resolved() -> None:
    read = read_openapi(json.dumps(GOOD).encode())
    by_subject = {item.subject: item for item in read.operations}

    assert read.problems == ()
    assert set(by_subject) == {
        "GET /items/{id}",
        "PUT /items/{id}",
        "POST /items",
        "GET /health",
        "GET /shared",
    }
    item = by_subject["GET /items/{id}"]
    assert item.responses == {
        "200": ("application/json",),
        "4XX": ("application/problem+json",),
        "default": (),
    }
    assert item.scopes == ("items:read",)
    assert item.takes_input
    assert by_subject["PUT /items/{id}"].request_media_types == ("application/json", "text/csv")
    assert by_subject["PUT /items/{id}"].is_secured
    assert not by_subject["POST /items"].is_secured
    assert not by_subject["GET /health"].is_secured
    assert by_subject["POST /items"].is_creating


def test_the_servers_path_stands_before_every_path() -> None:
    operations = read_openapi(json.dumps(GOOD).encode()).operations

    found = operations.find("GET", "/api/items/42")

    assert found is not None
    assert found.subject == "GET /items/{id}"


def test_yaml_with_numbers_as_statuses_is_read_the_same() -> None:
    text = yaml.safe_dump({**GOOD, "paths": {"/x": {"get": {"responses": {200: {}}}}}})

    (operation,) = read_openapi(text.encode()).operations

    assert operation.responses == {"200": ()}


def test_what_is_broken_is_named_and_the_rest_is_read() -> None:
    broken = {
        "openapi": "3.0.3",
        "paths": {
            "/good": {"get": {"responses": {"200": {}}}},
            "/list": ["get"],
            "/lost": {"get": {"responses": {"200": {"$ref": "#/components/responses/Lost"}}}},
            "/far": {"$ref": "other.yaml#/x"},
            "/loop": {"$ref": "#/paths/~1loop"},
            "/tags": {"get": {"tags": "one", "responses": {"200": None}}},
        },
    }

    read = read_openapi(json.dumps(broken).encode())

    assert {item.path for item in read.operations} == {"/good", "/lost", "/tags"}
    text = "\n".join(read.problems)
    assert "paths./list is a list" in text
    assert "leads nowhere" in text
    assert "not in this document" in text
    assert "in a circle" in text
    assert "GET /tags tags is a str" in text


def test_what_is_no_openapi_is_told_apart() -> None:
    assert "neither JSON nor YAML" in read_openapi(b"{ nonsense: [").problems[0]
    assert "not an object" in read_openapi(b"[]").problems[0]
    assert "swagger: 1.2" in read_openapi(b'{"swagger": "1.2"}').problems[0]
    assert "only OpenAPI 3.x" in read_openapi(b"{}").problems[0]
    assert read_openapi(b"<html>").document is None


def test_swagger_2_states_its_base_path_and_media_types_elsewhere() -> None:
    document = {
        "swagger": "2.0",
        "basePath": "/v1/",
        "produces": ["text/csv"],
        "paths": {
            "/rows": {
                "get": {"responses": {"200": {"schema": {}}, "204": {}}},
                "post": {
                    "consumes": ["text/csv"],
                    "parameters": [{"in": "body", "name": "b"}],
                    "responses": {},
                },
            }
        },
    }

    operations = read_openapi(json.dumps(document).encode()).operations

    found = operations.find("GET", "/v1/rows")
    assert found is not None
    assert found.responses == {"200": ("text/csv",), "204": ()}
    made = operations.find("POST", "/v1/rows")
    assert made is not None
    assert (made.request_media_types, made.takes_input) == (("text/csv",), True)
