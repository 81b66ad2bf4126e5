"""The OpenAPI document that the shop publishes."""

from collections.abc import Mapping
from typing import Any

PROBLEM = "application/problem+json"
#: The largest page that it gives.
MOST = 50


def _answers(*statuses: str, good: Mapping[str, Any]) -> dict[str, Any]:
    problem = {PROBLEM: {"schema": {"type": "object", "required": ["status"]}}}
    return {**good, **{status: {"description": "Refused.", "content": problem} for status in statuses}}


def document(*, is_misplaced: bool = False) -> dict[str, Any]:
    """Return the OpenAPI document that the shop publishes, with a base path that is wrong when asked for."""
    whole = _document()
    for path, item in whole["paths"].items():
        for method in set(item) & {"get", "post", "put"}:
            name = f"{method}{path.title().replace('/', '').replace('{', '').replace('}', '')}"
            item[method] |= {"operationId": name, "summary": f"Use {path} by {method.upper()}."}
    return {**whole, "servers": [{"url": "/api/v9"}]} if is_misplaced else whole


def _document() -> dict[str, Any]:
    fields = {
        "name": {"type": "string", "minLength": 1, "maxLength": 40, "examples": ["lamp"]},
        "price": {"type": "integer", "minimum": 0, "maximum": 10_000},
    }
    new = {
        "type": "object",
        "required": ["name", "price"],
        "additionalProperties": False,
        "properties": fields,
    }
    item = {
        "type": "object",
        "required": ["id", "name", "price", "made"],
        "properties": {
            "id": {"type": "string"},
            "made": {"type": "string", "format": "date-time"},
            **fields,
        },
    }
    one = {"description": "The item.", "content": {"application/json": {"schema": item}}}
    page = {"type": "object", "properties": {"items": {"type": "array", "items": item}}}
    body = {"required": True, "content": {"application/json": {"schema": new}}}
    number = {"name": "id", "in": "path", "required": True, "example": "item-1", "description": "Which."}
    number["schema"] = {"type": "string"}
    word = {"name": "q", "in": "query", "required": True, "example": "lamp", "description": "What."}
    word["schema"] = {"type": "string"}
    key = {"name": "Idempotency-Key", "in": "header", "description": "Once.", "schema": {"type": "string"}}
    limit = {
        "name": "limit",
        "in": "query",
        "description": "How many.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
    }
    offset = {
        "name": "offset",
        "in": "query",
        "description": "From where.",
        "schema": {"type": "integer", "minimum": 0},
    }
    text = {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    two = {"text/plain": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shop",
            "version": "1",
            "description": "Sells things.",
            "contact": {"email": "shop@example.com"},
            "license": {"name": "MIT"},
        },
        "paths": {
            "/items": {
                "get": {
                    "parameters": [limit, offset],
                    "responses": _answers(
                        "400",
                        good={
                            "200": {
                                "description": "A page.",
                                "content": {"application/json": {"schema": page}},
                            }
                        },
                    ),
                },
                "post": {
                    "parameters": [key],
                    "requestBody": body,
                    "responses": _answers("400", "415", "422", good={"201": one}),
                },
            },
            "/items/{id}": {
                "parameters": [number],
                "get": {"responses": _answers("404", good={"200": one})},
                "put": {
                    "requestBody": body,
                    "responses": _answers("400", "404", "412", "415", "422", good={"200": one}),
                },
            },
            "/search": {"get": {"parameters": [word], "responses": _answers("400", good={"200": text})}},
            "/readme": {"get": {"responses": _answers("400", good={"200": text})}},
            "/note": {
                "get": {
                    "responses": _answers("406", good={"200": {"description": "A note.", "content": two}})
                }
            },
        },
    }
