"""Pacts held against the document that the target serves."""

import json
from typing import Any

import pytest

from harness.layers.contracts.freshness import Document, UnreadableSchema
from harness.layers.contracts.pacts import Interaction, Kind, Part
from harness.target.openapi import read_openapi

_JSON = {"Content-Type": "application/json"}


def _document(**order: Any) -> Document:
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders": {
                "post": {
                    "parameters": [
                        {"name": "dry", "in": "query", "required": True, "schema": {"type": "boolean"}}
                    ],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Draft"}}}
                    },
                    "responses": {
                        "201": {
                            "description": "Made.",
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                            },
                        },
                        "4XX": {"$ref": "#/components/responses/Refused"},
                    },
                }
            }
        },
        "components": {
            "responses": {
                "Refused": {"description": "No.", "content": {"application/problem+json": {"schema": {}}}}
            },
            "schemas": {
                "Draft": {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": False,
                    "properties": {"name": {"type": "string"}},
                },
                "Order": {
                    "type": "object",
                    "required": ["id", "total", "state"],
                    "properties": {
                        "id": {"type": "string"},
                        "total": {"type": "integer"},
                        "state": {"enum": ["open", "paid"]},
                        **order,
                    },
                },
            },
        },
    }
    return Document(content, read_openapi(json.dumps(content).encode()).operations)


def _interaction(**members: Any) -> Interaction:
    given: dict[str, Any] = {
        "method": "POST",
        "path": "/orders",
        "query": {"dry": "true"},
        "status": 201,
        "request": Part(headers=_JSON, body={"name": "tea"}, has_body=True),
        "response": Part(headers=_JSON, body={"id": "7"}, has_body=True),
    }
    return Interaction(
        kind=Kind.HTTP,
        consumer="shop",
        provider="orders",
        description="orders",
        states=(),
        position=0,
        **(given | members),
    )


def test_a_contract_that_uses_a_part_of_the_answer_is_fresh() -> None:
    assert _document().differences(_interaction()) == ()


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"path": "/gone"}, "not in the document"),
        ({"method": "PUT"}, "not in the document"),
        ({"status": 200}, "status 200 is not documented"),
        ({"query": {}}, "dry is required"),
        ({"query": {"dry": "true", "odd": "1"}}, "odd is not in the document"),
        ({"request": Part(headers=_JSON, body={}, has_body=True)}, "'name' is a required property"),
        ({"request": Part(headers=_JSON, body={"name": 7}, has_body=True)}, "not of type 'string'"),
        ({"request": Part(headers={"Content-Type": "text/xml"}, body="", has_body=True)}, "text/xml"),
        ({"response": Part(headers=_JSON, body={"total": "7"}, has_body=True)}, "not of type 'integer'"),
        ({"response": Part(headers=_JSON, body={"state": "lost"}, has_body=True)}, "not one of"),
        ({"response": Part(headers=_JSON, body={"gone": 1}, has_body=True)}, "gone"),
        ({"response": Part(headers={"Content-Type": "text/html"}, body="", has_body=True)}, "text/html"),
    ],
)
def test_a_difference_between_contract_and_document_is_named(members: dict[str, Any], word: str) -> None:
    (difference,) = _document().differences(_interaction(**members))

    assert word in difference


def test_a_contract_about_a_refusal_may_send_what_the_document_forbids() -> None:
    refused = _interaction(
        status=422,
        request=Part(headers=_JSON, body={"odd": 1}, has_body=True),
        response=Part(
            headers={"Content-Type": "application/problem+json"}, body={"status": 422}, has_body=True
        ),
    )

    assert _document().differences(refused) == ()


def test_a_schema_that_leads_nowhere_is_no_fault_of_the_contract() -> None:
    document = _document(total={"$ref": "#/components/schemas/Nowhere"})

    with pytest.raises(UnreadableSchema):
        document.differences(_interaction(response=Part(headers=_JSON, body={"total": 1}, has_body=True)))
