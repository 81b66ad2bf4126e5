"""What the judges of examples and schemas in a document find, and what is enough for them."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.outcome import Outcome
from harness.judges.examples import JSON, item_operation
from tests.harness.judges.asking import FAIL, PASS, at_item, judged, told

OPERATIONS = [item_operation()]
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FINE = ("as-required", "")


def shapes(operation: Any, **document: Any) -> list[tuple[str, str]]:
    """Return what is said of examples, and of the schemas of answers."""
    return told("documented-shapes", operations=OPERATIONS, openapi=at_item(operation, **document))


def needing(schema: Any, **fields: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "id", "in": "path", "required": True, "schema": schema, **fields}]}


PARAMETER_BARE = ("parameter-without-example", "parameter id has no example")


@pytest.mark.parametrize(
    "schema",
    [
        TEXT,
        {},
        None,
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": [TEXT]},
        {"type": "object", "properties": {"a": NUMBER, "b": TEXT}},
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Bare"}}},
        {"$ref": "#/components/schemas/Bare"},
        {"type": "string", "format": ""},
    ],
)
def test_a_required_parameter_whose_type_shows_nothing_needs_an_example(schema: Any) -> None:
    assert shapes(needing(schema), components={"schemas": {"Bare": TEXT}})[0] == PARAMETER_BARE


@pytest.mark.parametrize(
    "schema",
    [
        *({"type": name} for name in ("boolean", "integer", "number")),
        {"type": "string", "example": ""},
        {"type": "string", "examples": []},
        {"type": "string", "enum": []},
        {"type": "string", "const": None},
        {"type": "string", "default": ""},
        {"type": "string", "format": "uuid"},
        {"type": "object", "properties": {"a": NUMBER, "b": {"format": "date"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Shown"}}},
        {"$ref": "#/components/schemas/Shown"},
    ],
)  # fmt: skip
def test_what_a_type_shows_by_itself_needs_no_example(schema: Any) -> None:
    assert shapes(needing(schema), components={"schemas": {"Shown": {"example": "a"}}})[0] == FINE


@pytest.mark.parametrize("fields", [{"example": "a"}, {"examples": {}}, {"required": False}])
def test_an_example_beside_the_schema_is_enough_and_an_optional_parameter_needs_none(fields: Any) -> None:
    assert shapes(needing(TEXT, **fields))[0] == FINE


def test_every_body_without_an_example_is_named() -> None:
    content = {
        "text/plain": {"schema": TEXT},
        "text/csv": "no entry",
        "image/png": {},
        JSON: {"schema": NUMBER},
    }
    body = {"$ref": "#/components/requestBodies/Item"}

    found = shapes({"requestBody": body}, components={"requestBodies": {"Item": {"content": content}}})

    assert found[0] == (
        "body-without-example",
        "the body of text/plain has no example; the body of image/png has no example",
    )


def test_a_body_shows_an_example_beside_or_inside_its_schema() -> None:
    content = {"text/plain": {"schema": TEXT, "example": "a"}, JSON: {"schema": {"examples": ["a"]}}}

    assert shapes({"requestBody": {"content": content}})[0] == FINE
    assert shapes({"requestBody": {"content": [TEXT]}})[0] == FINE
    assert shapes({"requestBody": {"content": {JSON: {"schema": {"$ref": "#/x"}}}}}, x=NUMBER)[0] == FINE


@pytest.mark.parametrize(
    ("member", "is_shown"), [({"$ref": "#/number"}, True), ({"$ref": "#/text"}, False), ({}, False)]
)
def test_the_members_of_a_body_are_followed_however_deep(member: Any, *, is_shown: bool) -> None:
    deep = {"properties": {"a": {"properties": {"b": member}}}}
    said = ("body-without-example", f"the body of {JSON} has no example")

    for schema in ({"properties": {"a": member}}, deep):
        found = shapes({"requestBody": {"content": {JSON: {"schema": schema}}}}, number=NUMBER, text=TEXT)
        assert found[0] == (FINE if is_shown else said)


def success(schema: Any, status: Any = "200", media_type: str = JSON) -> dict[str, Any]:
    return {"responses": {status: {"content": {media_type: {"schema": schema}}}}}


@pytest.mark.parametrize(
    "word",
    ["type", "$ref", "properties", "items", "allOf", "anyOf", "oneOf", "enum", "const", "format"],
)
def test_each_of_these_words_says_what_a_success_holds(word: str) -> None:
    assert shapes(success({word: []}))[1] == FINE


@pytest.mark.parametrize("schema", [{}, {"description": "An item."}, True, None])
def test_a_success_whose_schema_says_nothing_is_untyped(schema: Any) -> None:
    assert shapes(success(schema))[1] == (
        "success-untyped",
        f"200 {JSON} of GET /items/{{id}} has no schema",
    )


@pytest.mark.parametrize(
    "operation",
    [
        success({}, "404"),
        success({}, media_type="text/plain"),
        {"responses": ["200"]},
        {"responses": {"200": {"content": [JSON]}}},
        {"responses": {"200": None}},
        {},
    ],
)
def test_what_is_no_success_with_json_needs_no_schema(operation: Any) -> None:
    assert shapes(operation)[1] == FINE


def test_every_untyped_success_is_named_those_behind_references_too() -> None:
    bare = {"content": {"text/csv": {}, JSON: {}, "application/hal+json": "no entry"}}
    responses = {"404": bare, "202": {"$ref": "#/components/responses/Bare"}, 201: bare}

    found = shapes({"responses": responses}, components={"responses": {"Bare": bare}})

    assert found[1][1].split("; ") == [
        f"{status} {media_type} of GET /items/{{id}} has no schema"
        for status in (202, 201)
        for media_type in (JSON, "application/hal+json")
    ]


def test_of_one_document_both_requirements_are_judged_for_each_operation() -> None:
    found = judged("documented-shapes", operations=OPERATIONS, openapi=at_item({}))

    assert [(item.requirement, item.subject, item.outcome) for item in found] == [
        ("docs.examples-given", "GET /items/{id}", PASS),
        ("testing.responses-typed", "GET /items/{id}", PASS),
    ]


def examples(operation: Any, **document: Any) -> list[tuple[str, str]]:
    return told("example-truth", operations=OPERATIONS, openapi=at_item(operation, **document))


def wrong(where: str, shown: str = '"x"', of: str = "integer") -> tuple[str, str]:
    return "example-untrue", f'1 of 1 examples: {where}: / {shown} is not of type "{of}"'


SHARED = {"one": {"$ref": "#/shown"}}


def answering(entry: Any, media_type: str = JSON, status: Any = "200") -> dict[str, Any]:
    return {"responses": {status: {"content": {media_type: entry}}}}


@pytest.mark.parametrize(
    ("operation", "where"),
    [
        (needing(NUMBER, example="x"), "GET /items/{id} parameter id"),
        (needing({**NUMBER, "example": "x"}), "GET /items/{id} parameter id"),
        (needing({**NUMBER, "examples": ["x"]}), "GET /items/{id} parameter id"),
        (needing(NUMBER, examples={"one": {"value": "x"}}), "GET /items/{id} parameter id, example one"),
        (needing(NUMBER, examples=SHARED), "GET /items/{id} parameter id, example one"),
        (answering({"schema": NUMBER, "examples": SHARED}), "GET /items/{id} 200, example one"),
        (
            {"requestBody": {"content": {JSON: {"schema": NUMBER, "example": "x"}}}},
            "GET /items/{id} body",
        ),
        (
            {"requestBody": {"content": {JSON: {"schema": NUMBER, "examples": SHARED}}}},
            "GET /items/{id} body, example one",
        ),
        ({"requestBody": {"$ref": "#/body"}}, "GET /items/{id} body"),
        (answering({"schema": NUMBER, "example": "x"}, status=200), "GET /items/{id} 200"),
        (answering({"schema": NUMBER, "example": "x"}, "application/hal+json", "404"), "GET /items/{id} 404"),
        ({"responses": {"200": {"$ref": "#/answer"}}}, "GET /items/{id} 200"),
        (
            answering({"schema": {"properties": {"a": {"properties": {"b": {**NUMBER, "example": "x"}}}}}}),
            "GET /items/{id} 200, a, b",
        ),
    ],
)  # fmt: skip
def test_an_example_is_held_against_its_schema_wherever_it_stands(operation: Any, where: str) -> None:
    shown = {"content": {JSON: {"schema": NUMBER, "example": "x"}}}

    assert examples(operation, shown={"value": "x"}, body=shown, answer=shown) == [wrong(where)]


def test_an_example_of_a_shared_schema_is_named_by_it() -> None:
    schemas = {"A": "no schema", "B": {**NUMBER, "example": "x"}}

    assert examples({}, components={"schemas": schemas}) == [wrong("schema B")]


@pytest.mark.parametrize(
    "operation",
    [
        {},
        answering({"schema": NUMBER}),
        answering({"schema": "no schema", "example": "x"}),
        answering({"example": "x"}),
        answering("no entry"),
        answering({"schema": NUMBER, "example": "x"}, "text/plain"),
        answering({"schema": NUMBER, "examples": ["x"]}),
        answering({"schema": NUMBER, "examples": {"one": {"externalValue": "/x"}, "two": {"$ref": "#/no"}}}),
        answering({"schema": {"examples": "x", "properties": [{"example": "x"}]}}),
        {"responses": ["200"], "requestBody": {"content": [JSON]}},
    ],
)
def test_a_document_without_examples_that_can_be_read_says_nothing(operation: Any) -> None:
    assert examples(operation, components={"schemas": ["A"]}) == []


@pytest.mark.parametrize("version", ["2.0", "", None, "4.3.0"])
def test_examples_of_another_dialect_are_left_alone(version: Any) -> None:
    operation = answering({"schema": NUMBER, "example": "x"})

    assert examples(operation, openapi=version) == []
    assert len(examples(operation, openapi="3.0.3")) == 1


def test_examples_are_counted_and_five_that_are_wrong_are_told() -> None:
    answers = {
        str(status): answering({"schema": NUMBER, "example": 1})["responses"]["200"] for status in (200, 201)
    }
    named = {f"e{at}": {"value": "x"} for at in range(6)}
    answers["202"] = {"content": {"text/csv": {}, JSON: {"schema": NUMBER, "examples": named}}}

    ((reason, seen),) = examples({"responses": answers})

    assert reason == "example-untrue"
    assert seen == "6 of 8 examples: " + "; ".join(
        f'GET /items/{{id}} 202, example e{at}: / "x" is not of type "integer"' for at in range(5)
    )


def test_examples_that_are_all_true_are_counted() -> None:
    (found,) = judged(
        "example-truth",
        operations=OPERATIONS,
        openapi=at_item(answering({"schema": {**NUMBER, "examples": [1, 2]}, "example": 3})),
    )

    assert (found.outcome, found.reason, found.seen) == (PASS, "as-required", "3 of 3 examples")


def test_one_difference_of_each_example_is_told() -> None:
    schema = {"required": ["a", "b"], "type": "object"}

    ((_, seen),) = examples(answering({"schema": schema, "example": {}}))

    assert seen == '1 of 1 examples: GET /items/{id} 200: / "a" is a required property'


INFORMATION = {
    "title": "Items",
    "version": "1",
    "description": "Keeps items.",
    "contact": {"email": "a@items.example"},
    "license": {"name": "MIT"},
}


def information(changes: Any, **document: Any) -> tuple[Outcome, str]:
    openapi = at_item({"tags": ["a"]}, info={**INFORMATION, **changes}, **document)
    operations = [item_operation_tagged("a", "b")]
    (found,) = judged("document-information", operations=operations, openapi=openapi)
    return found.outcome, found.seen


def item_operation_tagged(*tags: str) -> Any:
    return replace(item_operation(), tags=tags)


EXPLAINED = [{"name": "a", "description": "As."}, {"name": "b", "description": "Bs."}]


@pytest.mark.parametrize("name", list(INFORMATION))
@pytest.mark.parametrize("value", ["", None])
def test_each_part_of_the_information_that_is_missing_is_named(name: str, value: Any) -> None:
    assert information({name: value}, tags=EXPLAINED) == (FAIL, f"info.{name} is missing")


def test_a_blank_is_no_description_and_all_gaps_are_told() -> None:
    assert information({"title": " ", "description": "\n", "license": {}}, tags=EXPLAINED) == (
        FAIL,
        "info.title is missing; info.description is missing; info.license is missing",
    )


@pytest.mark.parametrize(
    ("tags", "unexplained"),
    [
        (None, "a, b"),
        ({"name": "a"}, "a, b"),
        (["a", "b"], "a, b"),
        ([{"name": "b", "description": ""}, {"name": "a", "description": "As."}], "b"),
        (["a", *EXPLAINED], ""),
    ],
)
def test_a_tag_that_is_used_has_to_be_explained(tags: Any, unexplained: str) -> None:
    said = f"tags without a description: {unexplained}" if unexplained else ""

    assert information({}, tags=tags) == (FAIL if said else PASS, said)


@pytest.mark.parametrize(
    "document",
    [
        {"components": {"securitySchemes": {"b": {"type": "http"}, "a": {}, "c": {"description": "C."}}}},
        {"securityDefinitions": {"b": {"type": "basic"}, "a": "none", "c": {"description": "C."}}},
    ],
)
def test_a_scheme_of_security_has_to_be_explained(document: Any) -> None:
    assert information({}, tags=EXPLAINED, **document) == (
        FAIL,
        "security schemes without a description: a, b",
    )


def test_five_of_many_tags_and_schemes_are_named() -> None:
    openapi = at_item({}, info=INFORMATION, components={"securitySchemes": {name: {} for name in "fedcba"}})

    (found,) = judged("document-information", operations=[item_operation_tagged(*"fedcba")], openapi=openapi)

    assert found.seen == (
        "tags without a description: a, b, c, d, e; security schemes without a description: a, b, c, d, e"
    )
