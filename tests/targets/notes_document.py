"""The OpenAPI document of the notes service."""

from collections.abc import Mapping, Sequence
from typing import Any

_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_NOTE = {
    "type": "object",
    "required": ["id", "owner_id", "title"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "owner_id": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "title": {"type": "string"},
        "text": {"type": "string"},
    },
}
_NEW_NOTE = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string", "minLength": 1}, "text": {"type": "string"}},
}
_CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": {"type": "string"}, "password": {"type": "string"}},
}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _answer(schema: Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": "Well.", "content": {media_type: {"schema": schema}}}


def _operation(
    status: str,
    schema: Mapping[str, Any] | None = None,
    *,
    body: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
    is_open: bool = False,
    media_type: str = "application/json",
    tags: Sequence[str] = (),
) -> dict[str, Any]:
    good = {"description": "Well."} if schema is None else _answer(schema, media_type)
    operation: dict[str, Any] = {
        "responses": {status: good, "default": {"description": "Refused.", "content": _PROBLEM}},
        "parameters": list(parameters),
        "tags": list(tags),
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if is_open:
        operation["security"] = []
    return operation


def _query(name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string", **schema}}


def document(prefix: str = "") -> dict[str, Any]:
    """Return the document; its paths stand below a base path."""
    items = {"type": "object", "properties": {"items": {"type": "array"}}}
    anything: dict[str, Any] = {"type": "object"}
    hook = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "format": "uri"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "2"},
        **({"servers": [{"url": prefix}]} if prefix else {}),
        "security": [{"bearer": []}],
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        },
        "paths": {
            "/health": {"get": _operation("200", anything, is_open=True)},
            "/login": {"post": _operation("200", anything, body=_CREDENTIALS, is_open=True)},
            "/register": {"post": _operation("201", anything, body=_CREDENTIALS, is_open=True)},
            "/greeting": {
                "get": _operation(
                    "200", anything, parameters=[_query("name"), _query("language")], is_open=True
                )
            },
            "/page": {
                "get": _operation(
                    "200",
                    {"type": "string"},
                    parameters=[_query("heading")],
                    is_open=True,
                    media_type="text/html",
                )
            },
            "/exit": {"get": _operation("302", parameters=[_query("next", required=True)], is_open=True)},
            "/api/v2/notes": {
                "get": _operation("200", items),
                "post": _operation("201", _NOTE, body=_NEW_NOTE),
            },
            "/api/v2/notes/{id}": {
                "get": _operation("200", _NOTE, parameters=[_ID]),
                "put": _operation("200", _NOTE, body=_NEW_NOTE, parameters=[_ID]),
                "delete": _operation("204", parameters=[_ID]),
            },
            "/api/v2/search": {"get": _operation("200", items, parameters=[_query("q", required=True)])},
            "/api/v2/me": {
                "get": _operation(
                    "200",
                    {
                        "type": "object",
                        "properties": {"username": {"type": "string"}, "role": {"type": "string"}},
                    },
                )
            },
            "/api/v2/hooks": {"post": _operation("201", anything, body=hook)},
            "/api/v2/hooks/{id}": {"get": _operation("200", anything, parameters=[_ID])},
            "/api/v2/attachments": {
                "get": _operation(
                    "200",
                    {"type": "string"},
                    parameters=[_query("name", required=True, example="readme.txt")],
                    media_type="text/plain",
                )
            },
            "/api/v2/logout": {"get": _operation("204"), "post": _operation("204")},
            "/api/v2/me/reset-token": {"post": _operation("204")},
            "/api/v2/admin/users": {"get": _operation("200", items, tags=["admin"])},
        },
    }
