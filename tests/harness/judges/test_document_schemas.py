"""The schemas of both dialects of OpenAPI mean one thing, and what cannot be read says nothing."""

from typing import Any

import pytest

from harness.judges.document_schemas import DocumentSchemas, resolved, response_of, under

OLD, NEW = {"openapi": "3.0.3"}, {"openapi": "3.1.0"}


def violations(
    schema: Any, value: Any, document: Any = OLD, *, formats: bool = False
) -> list[tuple[str, str]]:
    return list(DocumentSchemas(document, formats=formats).violations(schema, value))


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "string", "nullable": True}, None, 1),
        ({"type": "string", "nullable": False}, "x", None),
        ({"enum": ["a"], "nullable": True}, None, "b"),
        ({"properties": {"a": {"type": "string", "nullable": True}}}, {"a": None}, {"a": 1}),
        ({"allOf": [{"type": "string", "nullable": True}]}, None, 1),
        ({"minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"minimum": 1, "exclusiveMinimum": False}, 1, 0),
        ({"maximum": 1, "exclusiveMaximum": True}, 0, 1),
        ({"maximum": 1, "exclusiveMaximum": False}, 1, 2),
        ({"maximum": 3, "exclusiveMinimum": True}, 3, 4),
        ({"minimum": 1, "maximum": 3, "exclusiveMaximum": True}, 1, 3),
    ],
)
def test_the_old_dialect_means_what_it_says(schema: Any, right: Any, wrong: Any) -> None:
    assert violations(schema, right) == []
    assert len(violations(schema, wrong)) == 1


def test_in_the_new_dialect_the_words_of_the_old_one_mean_nothing() -> None:
    assert len(violations({"type": "string", "nullable": True}, None, NEW)) == 1
    assert violations({"exclusiveMinimum": 1}, 2, NEW) == []
    assert len(violations({"exclusiveMinimum": 1}, 1, NEW)) == 1


def test_shared_schemas_of_the_old_dialect_are_read_in_it_too() -> None:
    document = {**OLD, "components": {"schemas": {"Name": {"type": "string", "nullable": True}}}}
    schema = {"items": {"$ref": "#/components/schemas/Name"}}

    assert violations(schema, ["x", None], document) == []
    assert len(violations(schema, [1], document)) == 1


def test_shared_schemas_of_the_new_dialect_are_followed() -> None:
    document = {**NEW, "components": {"schemas": {"Name": {"type": "string"}}}}

    assert violations({"$ref": "#/components/schemas/Name"}, "x", document) == []
    assert len(violations({"$ref": "#/components/schemas/Name"}, 1, document)) == 1


def test_each_difference_is_told_with_its_keyword_and_place() -> None:
    schema = {"properties": {"rows": {"items": {"type": "string", "maxLength": 1}}}, "required": ["id"]}

    assert sorted(violations(schema, {"rows": ["a", 1, "ab"]}, NEW)) == [
        ("maxLength", '/rows/2 "ab" is longer than 1 character'),
        ("required", '/ "id" is a required property'),
        ("type", '/rows/1 1 is not of type "string"'),
    ]


def test_a_long_difference_is_cut() -> None:
    ((_, said),) = violations({"type": "integer"}, "x" * 400, NEW)

    assert len(said) == len("/ ") + 200


@pytest.mark.parametrize(("formats", "found"), [(True, ["format"]), (False, [])])
def test_formats_are_checked_only_where_that_was_asked_for(found: list[str], *, formats: bool) -> None:
    told = violations({"type": "string", "format": "date"}, "x", NEW, formats=formats)

    assert [keyword for keyword, _ in told] == found
    assert list(DocumentSchemas(NEW).violations({"format": "date"}, "x")) == []


UNREADABLE = [
    None,
    "schema",
    ["schema"],
    {"type": "no type"},
    {"pattern": "("},
    {"minimum": "1"},
    {"$ref": "#/components/schemas/Gone"},
]


@pytest.mark.parametrize("schema", UNREADABLE)
def test_a_schema_that_nobody_can_read_says_nothing(schema: Any) -> None:
    assert violations(schema, "x", NEW) == []


def test_one_set_of_schemas_tells_different_schemas_apart() -> None:
    schemas = DocumentSchemas(NEW)
    text, number = {"type": "string"}, {"type": "integer"}

    for _ in range(2):
        assert len(list(schemas.violations(text, 1))) == 1
        assert list(schemas.violations(number, 1)) == []
        assert list(schemas.violations(None, 1)) == []


@pytest.mark.parametrize(
    ("node", "path", "found"),
    [
        ({"a": {"b": 1}}, ("a", "b"), 1),
        ({"a": {"b": 1}}, (), {"a": {"b": 1}}),
        ({"a": {"b": 1}}, ("a", "c"), None),
        ({"a": [1]}, ("a", "0"), None),
        (None, ("a",), None),
    ],
)
def test_what_stands_under_a_path_of_members_is_found(node: Any, path: tuple[str, ...], found: Any) -> None:
    assert under(node, *path) == found


DOCUMENT = {
    "a/b~c": {"x": {"type": "string"}},
    "text": "none",
    "loop": {"$ref": "#/loop"},
    "hop": {"$ref": "#/text"},
}


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({"type": "integer"}, {"type": "integer"}),
        ({"$ref": "#/a~1b~0c/x"}, {"type": "string"}),
        ({"$ref": "#/gone"}, {}),
        ({"$ref": "#/text"}, {}),
        ({"$ref": "#/hop"}, {}),
        ({"$ref": "x.json#/a~1b~0c/x"}, {}),
        ({"$ref": "??a~1b~0c/x"}, {}),
        ({"$ref": 3}, {"$ref": 3}),
        (None, {}),
        ("text", {}),
        (["list"], {}),
    ],
)
def test_references_are_followed_inside_the_document(node: Any, found: Any) -> None:
    assert resolved(DOCUMENT, node) == found


@pytest.mark.parametrize(("links", "is_found"), [(11, True), (12, False)])
def test_a_chain_of_references_is_followed_so_far(links: int, *, is_found: bool) -> None:
    chain: dict[str, Any] = {f"s{at}": {"$ref": f"#/s{at + 1}"} for at in range(links)}
    chain[f"s{links}"] = {"type": "string"}

    assert (resolved(chain, {"$ref": "#/s0"}).get("type") == "string") is is_found


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ({"400": {"a": 1}, "4XX": {"a": 2}, "default": {"a": 3}}, {"a": 1}),
        ({"4XX": {"a": 2}, "default": {"a": 3}}, {"a": 2}),
        ({"3XX": {"a": 2}, "default": {"a": 3}}, {"a": 3}),
        ({"400": {"$ref": "#/shared"}}, {"a": 4}),
        ({"400": None, "default": {"a": 3}}, {}),
        ({"3XX": {"a": 2}}, {}),
        (["400"], {}),
    ],
)
def test_the_most_specific_answer_of_an_operation_is_found(responses: Any, found: Any) -> None:
    document = {"paths": {"/a": {"post": {"responses": responses}}}, "shared": {"a": 4}}

    assert response_of(document, "/a", "POST", 400) == found
    assert response_of(document, "/b", "POST", 400) == response_of(document, "/a", "GET", 400) == {}
