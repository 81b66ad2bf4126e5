"""Samples fit the schema they were made for, whatever the document throws at them."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from harness.core.operation import Operation
from harness.layers.scenarios.samples import CannotSample, request_schema, sample, valid_body, valid_form
from harness.layers.scenarios.slots import address
from harness.target.openapi import read_openapi
from harness.target.surface import logins, parameters_of, text_slots
from tests.targets.notes_document import document

NOTES = document()
OPERATIONS = read_openapi(json.dumps(NOTES).encode()).operations

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Name": {"type": "string", "minLength": 3, "maxLength": 9},
            "Tree": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"$ref": "#/components/schemas/Name"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            },
            "Endless": {"type": "object", "required": ["next"], "properties": {"next": {}}},
            "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
        }
    },
    "paths": {
        "/notes": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "required": ["id", "title"],
                                "properties": {
                                    "id": {"type": "integer", "readOnly": True},
                                    "title": {"type": "string"},
                                    "size": {"type": "integer"},
                                },
                            },
                            "examples": {"one": {"value": {"title": "the document's own"}}},
                        }
                    }
                }
            }
        },
        "/token": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["username"],
                                "properties": {"username": {"type": "string"}},
                            }
                        }
                    }
                }
            }
        },
        "/old": {"post": {"parameters": [{"in": "body", "name": "b", "schema": {"type": "integer"}}]}},
    },
}
DOCUMENT["components"]["schemas"]["Endless"]["properties"]["next"] = {"$ref": "#/components/schemas/Endless"}

SCHEMAS: dict[str, dict[str, Any]] = {
    "bounds": {"type": "integer", "exclusiveMinimum": 4, "maximum": 6},
    "multiples": {"type": "number", "minimum": 0.3, "multipleOf": 0.5, "maximum": 2},
    "below zero": {"type": "integer", "maximum": -3},
    "long text": {"type": "string", "minLength": 30, "maxLength": 40},
    "short text": {"type": "string", "maxLength": 2},
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    "email": {"type": "string", "format": "email"},
    "uuid": {"type": "string", "format": "uuid"},
    "moment": {"type": "string", "format": "date-time"},
    "nullable": {"type": ["null", "boolean"]},
    "enum": {"enum": ["a", "b"]},
    "list": {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "string"}},
    "optional": {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 1}]},
    "all": {
        "allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 3}}},
            {"required": ["b"], "properties": {"b": {"const": "fixed"}}},
        ]
    },
    "reference": {"$ref": "#/components/schemas/Tree"},
}


@pytest.mark.parametrize("variant", [0, 1, 7])
@pytest.mark.parametrize("with_optional", [False, True])
@pytest.mark.parametrize("name", list(SCHEMAS))
def test_a_sample_fits_its_schema(name: str, variant: int, with_optional: bool) -> None:
    value = sample(SCHEMAS[name], DOCUMENT, variant=variant, with_optional=with_optional)

    whole = {**SCHEMAS[name], "components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


@pytest.mark.parametrize("schema", [{"maxLength": 8}, {"pattern": "^[a-z]{3,9}$"}, {"format": "email"}])
def test_variants_of_a_text_differ(schema: dict[str, Any]) -> None:
    texts = [sample({"type": "string", **schema}, {}, variant=each) for each in (0, 1, 2, 31)]

    assert len(set(texts)) == 4
    assert texts == [sample({"type": "string", **schema}, {}, variant=each) for each in (0, 1, 2, 31)]


@pytest.mark.parametrize("pattern", ["^[0-9]{13}$", "^[A-Z]{2}-[0-9]{6}$"])
def test_numbers_of_a_pattern_are_seldom_given_twice(pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern}

    texts = [sample(schema, {}, variant=each) for each in range(1, 61)]

    assert len(set(texts)) == 60
    assert all(re.search(pattern, text) for text in texts)


def test_an_example_comes_first_and_another_variant_is_another_text() -> None:
    schema = {"type": "string", "example": "from the document"}

    assert sample(schema, {}) == "from the document"
    assert sample(schema, {}, variant=1) != "from the document"


def test_openapi_3_0_states_an_open_bound_with_a_flag() -> None:
    assert sample({"type": "integer", "minimum": 4, "exclusiveMinimum": True}, {}) == 5


def test_the_discriminator_names_the_alternative_that_was_taken() -> None:
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}},
    }

    assert sample(schema, DOCUMENT) == {"kind": "feline"}


def test_a_schema_without_an_end_cannot_be_sampled() -> None:
    with pytest.raises(CannotSample):
        sample({"$ref": "#/components/schemas/Endless"}, DOCUMENT)


def test_a_body_is_the_documents_example_and_then_what_the_schema_asks_for() -> None:
    operation = Operation(method="POST", path="/notes")

    assert valid_body(operation, DOCUMENT) == {"title": "the document's own"}
    assert valid_body(operation, DOCUMENT, variant=2) == {"title": "sample2"}
    assert valid_body(operation, DOCUMENT, variant=2, with_optional=True) == {"title": "sample2", "size": 3}


def test_a_form_is_told_from_a_json_body() -> None:
    operation = Operation(method="POST", path="/token")

    assert valid_form(operation, DOCUMENT) == {"username": "sample"}
    assert request_schema(operation, DOCUMENT)["required"] == ["username"]
    with pytest.raises(CannotSample):
        valid_body(operation, DOCUMENT)


def test_swagger_2_puts_the_body_among_the_parameters() -> None:
    assert valid_body(Operation(method="POST", path="/old"), DOCUMENT) == 1


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_document_gives_a_value_or_a_reason(data: st.DataObject) -> None:
    damaged = json.loads(json.dumps(NOTES))
    places = list(_places(damaged))
    for holder, key in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        holder[key] = data.draw(_SCALARS)

    for operation in OPERATIONS:
        parameters_of(operation, damaged)
        for each in (*text_slots([operation], damaged, reading=False), *logins([operation], damaged)):
            assert each
        with suppress(CannotSample):
            valid_body(operation, damaged, variant=3, with_optional=True)
        with suppress(CannotSample):
            assert address(operation, damaged).startswith("/")


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document where something stands."""
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from _places(node[key])
