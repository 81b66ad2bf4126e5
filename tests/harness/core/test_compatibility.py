"""A document is compatible with itself, and every change that trips a client is named where it is."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.compatibility import breaking_changes
from harness.core.schema_inclusion import Flow, Inclusion, Side

Document = dict[str, Any]

_SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 9, "pattern": "^a"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "enum": ["a", "b"]},
        {"const": 1},
        {"type": "integer", "minimum": 0, "maximum": 9},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": ["boolean", "null"]},
        {"type": "string", "nullable": True},
        {"$ref": "#/components/schemas/Item"},
        {},
    ]
)


def _objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(st.sampled_from("abcd"), children, max_size=3)
    return members.flatmap(
        lambda found: st.builds(
            lambda required, closed: {
                "type": "object",
                "properties": found,
                "required": sorted(required),
                **({"additionalProperties": False} if closed else {}),
            },
            st.sets(st.sampled_from(sorted(found) or ["a"])),
            st.booleans(),
        )
    )


SCHEMAS = st.recursive(
    _SCALARS,
    lambda children: st.one_of(
        _objects(children),
        st.builds(lambda items: {"type": "array", "items": items}, children),
        st.builds(lambda options: {"oneOf": options}, st.lists(children, min_size=1, max_size=3)),
        st.builds(lambda parts: {"allOf": parts}, st.lists(_objects(children), min_size=1, max_size=2)),
    ),
    max_leaves=8,
)


def document(asked: object = None, answered: object = None) -> Document:
    """Return a document with one operation that takes one schema and gives another."""
    content = {"application/json": {"schema": {} if asked is None else asked}}
    answer = {"application/json": {"schema": {} if answered is None else answered}}
    return {
        "openapi": "3.1.0",
        "paths": {
            "/items/{id}": {
                "put": {
                    "parameters": [{"name": "dry", "in": "query", "schema": {"type": "boolean"}}],
                    "requestBody": {"content": content},
                    "responses": {"200": {"description": "The item.", "content": answer}},
                }
            }
        },
        "components": {
            "schemas": {
                "Item": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "integer"},
                        "parent": {"$ref": "#/components/schemas/Item"},
                    },
                }
            }
        },
    }


@given(asked=SCHEMAS, answered=SCHEMAS)
def test_a_document_is_compatible_with_itself(asked: Any, answered: Any) -> None:
    old = document(asked, answered)

    assert breaking_changes(old, copy.deepcopy(old)) == {"PUT /items/{id}": ()}


@given(schema=SCHEMAS)
def test_every_schema_is_within_the_one_that_allows_everything(schema: Any) -> None:
    side = Side(document=document())
    inclusion = Inclusion(inner=side, outer=Side(document=document()), flow=Flow.RESPONSE)

    assert list(inclusion.escapes(schema, {})) == []


@given(schema=_objects(_SCALARS))
def test_an_answer_may_gain_a_member_and_a_request_an_optional_one(schema: Any) -> None:
    more = copy.deepcopy(schema)
    more["properties"]["fresh"] = {"type": "string"}

    assert breaking_changes(document(schema, schema), document(more, more)) == {"PUT /items/{id}": ()}


@given(schema=_objects(_SCALARS))
def test_a_member_that_a_request_must_have_from_now_on_is_always_named(schema: Any) -> None:
    more = copy.deepcopy(schema)
    more["properties"]["fresh"] = {"type": "string"}
    more["required"] = [*more["required"], "fresh"]

    changes = breaking_changes(document(schema), document(more))["PUT /items/{id}"]

    assert [each.code for each in changes if "fresh" in each.sentence] == ["request-member-required"]


Change = Callable[[Document], None]


def _operation(new: Document) -> dict[str, Any]:
    operation: dict[str, Any] = new["paths"]["/items/{id}"]["put"]
    return operation


def _asked(new: Document) -> dict[str, Any]:
    schema: dict[str, Any] = _operation(new)["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _answered(new: Document) -> dict[str, Any]:
    schema: dict[str, Any] = _operation(new)["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def _moved(new: Document) -> None:
    responses = _operation(new)["responses"]
    responses["202"] = responses.pop("200")


CHANGES: Mapping[str, Change] = {
    "operation-removed": lambda new: new["paths"].clear(),
    "status-moved": _moved,
    "security-added": lambda new: _operation(new).update(security=[{"bearer": []}]),
    "body-required": lambda new: _operation(new)["requestBody"].update(required=True),
    "parameter-required": lambda new: _operation(new)["parameters"][0].update(required=True),
    "request-type-changed": lambda new: _asked(new)["properties"]["name"].update(type="integer"),
    "request-enum-changed": lambda new: _asked(new)["properties"]["kind"].update(enum=["a"]),
    "request-limit-changed": lambda new: _asked(new)["properties"]["name"].update(maxLength=5),
    "request-pattern-changed": lambda new: _asked(new)["properties"]["name"].update(pattern="^x"),
    "request-member-required": lambda new: _asked(new).update(required=["name"]),
    "request-member-refused": lambda new: (
        _asked(new)["properties"].pop("kind"),
        _asked(new).update(additionalProperties=False),
    ),
    "request-media-type-removed": lambda new: _operation(new)["requestBody"].update(
        content={"text/plain": {}}
    ),
    "response-media-type-removed": lambda new: _operation(new)["responses"]["200"].update(
        content={"text/plain": {}}
    ),
    "response-member-removed": lambda new: (
        _answered(new)["properties"].pop("id"),
        _answered(new).update(required=[]),
    ),
    "response-member-optional": lambda new: _answered(new).update(required=[]),
    "response-enum-changed": lambda new: _answered(new)["properties"]["kind"]["enum"].append("c"),
    "response-type-changed": lambda new: _answered(new)["properties"]["id"].update(type=["integer", "null"]),
}


def _shapes() -> tuple[dict[str, Any], dict[str, Any]]:
    kind = {"type": "string", "enum": ["a", "b"]}
    asked = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}, "kind": dict(kind)}}
    answered = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "kind": {"type": "string", "enum": ["a", "b"]}},
    }
    return asked, answered


@pytest.mark.parametrize("code", CHANGES)
def test_a_breaking_change_is_named_by_its_code(code: str) -> None:
    old = document(*_shapes())
    new = copy.deepcopy(old)
    CHANGES[code](new)

    changes = breaking_changes(old, new)["PUT /items/{id}"]

    assert [each.code for each in changes] == [code]
    assert not changes[0].is_excused


HARMLESS: Mapping[str, Change] = {
    "a longer limit on what is taken": lambda new: _asked(new)["properties"]["name"].update(maxLength=99),
    "one more value that is taken": lambda new: _asked(new)["properties"]["kind"]["enum"].append("c"),
    "one value fewer that is given": lambda new: _answered(new)["properties"]["kind"].update(enum=["a"]),
    "another name of a path parameter": lambda new: new["paths"].update(
        {"/items/{item_id}": new["paths"].pop("/items/{id}")}
    ),
    "another operation": lambda new: new["paths"].update({"/more": {"get": {"responses": {}}}}),
    "an optional parameter": lambda new: _operation(new)["parameters"].append({"name": "x", "in": "query"}),
    "a required one that has gone": lambda new: _operation(new).update(parameters=[]),
    "a documented error": lambda new: _operation(new)["responses"].update({"409": {"description": "No."}}),
    "a description": lambda new: _operation(new).update(description="Put an item."),
    "a member that only the target sends": lambda new: (
        _asked(new)["properties"].update(made={"type": "string", "readOnly": True}),
        _asked(new).update(required=["made"]),
    ),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_a_harmless_change_is_none(change: str) -> None:
    old = document(*_shapes())
    new = copy.deepcopy(old)
    HARMLESS[change](new)

    assert breaking_changes(old, new) == {"PUT /items/{id}": ()}


def test_what_was_deprecated_before_it_went_is_excused() -> None:
    old = document(*_shapes())
    _operation(old)["deprecated"] = True

    (change,) = breaking_changes(old, {"openapi": "3.1.0", "paths": {}})["PUT /items/{id}"]

    assert change.is_excused


def test_a_member_that_was_deprecated_before_it_went_is_excused() -> None:
    old = document(*_shapes())
    _answered(old)["properties"]["id"]["deprecated"] = True
    new = copy.deepcopy(old)
    CHANGES["response-member-removed"](new)

    (change,) = breaking_changes(old, new)["PUT /items/{id}"]

    assert change.is_excused
