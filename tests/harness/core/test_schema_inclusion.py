"""Each way out of a schema is named by a code, a place and a sentence; what is not sent is none."""

from typing import Any

import pytest

from harness.core.schema_inclusion import Escape, Flow, Inclusion, Side, types_of

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TREE = {"$ref": "#/components/schemas/Tree"}
INNER_DOCUMENT = {
    "components": {
        "schemas": {
            "Item": {"type": "string", "maxLength": 9},
            "Loop": {"$ref": "#/components/schemas/Loop"},
            "Tree": {"type": "object", "properties": {"size": NUMBER, "next": TREE}},
        },
        "a/b~c": TEXT,
        "a~1b": NUMBER,
        "deep": "no mapping",
    }
}
OUTER_DOCUMENT = {
    "components": {
        "schemas": {
            "Item": {"type": "string", "maxLength": 5},
            "Tree": {"type": "object", "properties": {"size": TEXT, "next": TREE}},
            "Other": {"type": "object", "properties": {"size": NUMBER, "next": TREE}},
        }
    }
}


def escapes(inner: object, outer: object, flow: Flow = Flow.RESPONSE) -> list[tuple[str, str, str]]:
    inclusion = Inclusion(inner=Side(document=INNER_DOCUMENT), outer=Side(document=OUTER_DOCUMENT), flow=flow)
    return [(each.code, each.where, each.sentence) for each in inclusion.escapes(inner, outer, "it")]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{name}"}


def limit(sentence: str) -> list[tuple[str, str, str]]:
    return [("limit-changed", "it", f"it: {sentence}")]


def of_type(sentence: str) -> list[tuple[str, str, str]]:
    return [("type-changed", "it", f"it {sentence}")]


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        (TEXT, TEXT, []),
        (TEXT, {}, []),
        (NUMBER, {"type": "number"}, []),
        ({"type": "number"}, NUMBER, of_type("may be number, not only integer")),
        (
            {"type": ["string", "null", "integer"]},
            TEXT,
            of_type("may be integer or null or string, not only string"),
        ),
        ({"type": "string", "nullable": True}, TEXT, of_type("may be null or string, not only string")),
        ({"type": "string", "nullable": False}, TEXT, []),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}, []),
        ({}, TEXT, of_type("may be anything, not only string")),
        ({"properties": {"a": {}}}, TEXT, of_type("may be object, not only string")),
        ({"properties": {}}, TEXT, of_type("may be anything, not only string")),
        (
            {"properties": {"a": {}}, "nullable": True},
            {"type": "object"},
            of_type("may be null or object, not only object"),
        ),
        (TEXT, {"type": []}, []),
    ],
)  # fmt: skip
def test_a_type_that_the_other_does_not_name_is_a_way_out(inner: Any, outer: Any, found: Any) -> None:
    assert escapes(inner, outer) == found


def test_a_number_is_not_called_lost_where_only_another_type_is() -> None:
    assert escapes({"type": ["integer", "boolean"]}, {"type": ["number", "string"]}) == of_type(
        "may be boolean or integer, not only number or string"
    )


def test_nullable_alone_names_no_type() -> None:
    assert types_of({"nullable": True}) == frozenset()


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        ({"enum": ["b", "a"]}, {"enum": ["a", "b"]}, ""),
        ({"const": "a"}, {"enum": ["a", "b"]}, ""),
        ({"enum": ["a"]}, {"const": "a"}, ""),
        ({"enum": ["a", 1]}, {"const": "a"}, "1"),
        ({"const": {"b": 1, "a": 2}}, {"const": {"a": 2, "b": 1}}, ""),
        ({"enum": [{"b": 1, "a": 2}]}, {"enum": [{"a": 2, "b": 1}]}, ""),
        ({"const": {"b": 1, "a": 2}}, {"const": 1}, '{"a": 2, "b": 1}'),
        ({"enum": ["d", "c", "b", "a"]}, {"enum": ["a"]}, '"b", "c", "d"'),
        ({"enum": ["e", "d", "c", "b", "a"]}, {"enum": ["x"]}, '"a", "b", "c"'),
        ({}, {"enum": ["a"]}, "any value"),
        ({"enum": "abc"}, {"enum": ["a"]}, "any value"),
        ({"enum": ["a"]}, {"enum": "abc"}, ""),
    ],
)
def test_a_value_beside_those_listed_is_a_way_out(inner: Any, outer: Any, found: str) -> None:
    said = [("enum-changed", "it", f"it may be {found} beside the values listed")] if found else []

    assert escapes(inner, outer) == said


@pytest.mark.parametrize("name", ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"])
def test_a_lower_limit_may_only_be_smaller(name: str) -> None:
    assert escapes({name: 3}, {name: 2}) == escapes({name: 2}, {name: 2}) == []
    assert escapes({name: 1}, {name: 2}) == limit(f"{name} is 1, not 2")
    assert escapes({}, {name: 2}) == limit(f"{name} is free, not 2")
    assert escapes({name: True}, {name: 2}) == limit(f"{name} is free, not 2")
    assert escapes({name: 1}, {name: True}) == escapes({name: 1}, {name: "2"}) == []


@pytest.mark.parametrize("name", ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"])
def test_an_upper_limit_may_only_be_larger(name: str) -> None:
    assert escapes({name: 1}, {name: 2}) == escapes({name: 2}, {name: 2}) == []
    assert escapes({name: 3}, {name: 2}) == limit(f"{name} is 3, not 2")
    assert escapes({}, {name: 0}) == limit(f"{name} is free, not 0")


@pytest.mark.parametrize(
    ("name", "is_no_limit"),
    [("minLength", True), ("minItems", True), ("minProperties", True), ("minimum", False)],
)
def test_no_length_is_below_zero_but_a_number_may_be(name: str, *, is_no_limit: bool) -> None:
    assert escapes({}, {name: 0}) == ([] if is_no_limit else limit(f"{name} is free, not 0"))


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        ({"pattern": "a"}, {"pattern": "b"}, ("pattern-changed", "pattern is a, not b")),
        ({}, {"pattern": "b"}, ("pattern-changed", "pattern is free, not b")),
        ({"multipleOf": 2}, {"multipleOf": 3}, ("multipleof-changed", "multipleOf is 2, not 3")),
        (TEXT, {"format": "date"}, ("format-changed", "format is free, not date")),
        ({"format": "uuid"}, {"format": "date"}, ("format-changed", "format is uuid, not date")),
        ({"pattern": "a"}, {"pattern": "a"}, None),
        ({"pattern": "a"}, {}, None),
        ({**NUMBER, "format": "int64"}, {**NUMBER, "format": "int32"}, None),
        ({"type": "number"}, {"format": "float"}, None),
        ({"format": "double"}, {"format": "float"}, ("format-changed", "format is double, not float")),
        ({**NUMBER, "pattern": "a"}, {**NUMBER, "pattern": "b"}, ("pattern-changed", "pattern is a, not b")),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_has_to_be_the_same(inner: Any, outer: Any, found: Any) -> None:
    assert escapes(inner, outer) == ([] if found is None else [(found[0], "it", f"it: {found[1]}")])


def closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


def needing(*names: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(names)}


@pytest.mark.parametrize(
    ("inner", "outer", "flow", "found"),
    [
        (
            needing(a=TEXT),
            needing("a", a=TEXT),
            Flow.RESPONSE,
            [("member-optional", "it.a", "it.a was always there and may be missing")],
        ),
        (
            needing(),
            needing("a", "b", a=TEXT),
            Flow.RESPONSE,
            [
                ("member-removed", "it.a", "it.a was always there and is gone"),
                ("member-removed", "it.b", "it.b was always there and is gone"),
            ],
        ),
        (
            needing(a=TEXT),
            needing("b", "a", a=TEXT, b=TEXT),
            Flow.REQUEST,
            [
                ("member-required", "it.b", "it.b is required now"),
                ("member-required", "it.a", "it.a is required now"),
            ],
        ),
        (needing("a", a=TEXT), needing("a", a=TEXT), Flow.REQUEST, []),
        (needing(), needing("a", a={"readOnly": True}), Flow.REQUEST, []),
        (
            needing("b"),
            needing("a", "b", "c", a={"readOnly": True}),
            Flow.REQUEST,
            [("member-required", "it.c", "it.c is required now")],
        ),
        (
            needing(),
            needing("a", a={"readOnly": True}),
            Flow.RESPONSE,
            [("member-removed", "it.a", "it.a was always there and is gone")],
        ),
        (needing(), needing("a", a={"writeOnly": True}), Flow.RESPONSE, []),
        (
            needing(),
            needing("a", a={"writeOnly": "yes"}),
            Flow.RESPONSE,
            [("member-removed", "it.a", "it.a was always there and is gone")],
        ),
        (
            needing(a=TEXT, b=TEXT),
            needing(b=NUMBER, a=NUMBER),
            Flow.REQUEST,
            [
                ("type-changed", "it.b", "it.b may be string, not only integer"),
                ("type-changed", "it.a", "it.a may be string, not only integer"),
            ],
        ),
        (needing(a={**TEXT, "readOnly": True}), needing(a=NUMBER), Flow.REQUEST, []),
        (
            needing(a=TEXT, b={"readOnly": True}, c=TEXT, d=TEXT),
            closed(d=TEXT),
            Flow.REQUEST,
            [
                ("member-refused", "it.a", "it.a was taken and is refused now"),
                ("member-refused", "it.c", "it.c was taken and is refused now"),
            ],
        ),
        (needing(a=TEXT), closed(), Flow.RESPONSE, []),
        (needing(a=TEXT), {**closed(), "additionalProperties": True}, Flow.REQUEST, []),
        ({"required": "a"}, {"required": "a", "properties": []}, Flow.REQUEST, []),
        (
            {"type": "object"},
            {"required": ["a"], "properties": "a"},
            Flow.REQUEST,
            [("member-required", "it.a", "it.a is required now")],
        ),
    ],
)
def test_a_member_that_is_missing_or_refused_is_a_way_out(
    inner: Any, outer: Any, flow: Flow, found: Any
) -> None:
    assert escapes(inner, outer, flow) == found


def test_an_item_of_a_list_is_named_by_brackets() -> None:
    inner = {"type": "array", "items": {"type": "array", "items": needing(a=TEXT)}}
    outer = {"type": "array", "items": {"type": "array", "items": needing(a=NUMBER)}}

    assert escapes(inner, outer) == [("type-changed", "it[][].a", "it[][].a may be string, not only integer")]
    assert escapes({"type": "array"}, outer) == escapes(inner, {"type": "array"}) == []


def lost(schema: str, options: int) -> list[tuple[str, str, str]]:
    return [("alternative-lost", "it", f"it: {schema} fits none of {options} alternatives")]


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        ({"oneOf": [TEXT, NUMBER]}, {"anyOf": [NUMBER, TEXT]}, []),
        (TEXT, {"oneOf": [NUMBER, TEXT]}, []),
        ({"oneOf": [TEXT, {"type": "null"}]}, {"oneOf": [NUMBER, TEXT]}, lost('{"type": "null"}', 2)),
        (
            {"anyOf": [{"type": "null"}, TEXT, {"type": "boolean"}]},
            {"oneOf": [NUMBER, TEXT]},
            [*lost('{"type": "null"}', 2), *lost('{"type": "boolean"}', 2)],
        ),
        ({"oneOf": [TEXT, NUMBER]}, TEXT, of_type("may be integer, not only string")),
        (NUMBER, {"oneOf": [TEXT]}, of_type("may be integer, not only string")),
        ({"oneOf": []}, TEXT, of_type("may be anything, not only string")),
        ({"oneOf": [], "anyOf": [NUMBER]}, TEXT, of_type("may be integer, not only string")),
        ({"oneOf": [TEXT], "anyOf": [NUMBER]}, TEXT, []),
        ({"oneOf": "abc", "type": "string"}, TEXT, []),
        (
            {"oneOf": [{"maxLength": 3}, {"maxLength": 9}], "type": "string"},
            {"type": "string", "maxLength": 5},
            limit("maxLength is 9, not 5"),
        ),
        (
            {"oneOf": [needing(a=TEXT)], "discriminator": {"propertyName": "a"}, "required": ["a"]},
            needing("a", a=TEXT),
            [],
        ),
        (
            {"anyOf": [{"b": 1, "a": "x" * 99}], "x-y": 1},
            {"oneOf": [NUMBER, TEXT]},
            lost('{"a": "' + "x" * 73, 2),
        ),
        (
            {"oneOf": [{"maxLength": 9}], "discriminator": {"propertyName": "a"}, "type": "string"},
            {"oneOf": [NUMBER, NUMBER]},
            lost('{"allOf": [{"maxLength": 9}], "type": "string"}', 2),
        ),
        ({"oneOf": [{"x": {1}}]}, {"oneOf": [NUMBER, TEXT]}, lost('{"x": "{1}"}', 2)),
    ],
)  # fmt: skip
def test_every_alternative_must_fit_into_one_of_the_others(inner: Any, outer: Any, found: Any) -> None:
    assert escapes(inner, outer) == found


@pytest.mark.parametrize("word", ["type", "properties", "enum", "required"])
def test_what_stands_beside_alternatives_holds_for_each_of_them(word: str) -> None:
    beside = {"type": "string", "properties": {"a": {}}, "enum": ["a"], "required": ["a"]}[word]

    (found,) = escapes({"anyOf": [{"title": "x"}], word: beside}, {"oneOf": [NUMBER, NUMBER]})

    assert '"allOf": [{"title": "x"}]' in found[2]
    assert f'"{word}": ' in found[2]


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        (ref("schemas/Item"), ref("schemas/Item"), limit("maxLength is 9, not 5")),
        (ref("a~1b~0c"), NUMBER, of_type("may be string, not only integer")),
        (ref("a~01b"), TEXT, of_type("may be integer, not only string")),
        (ref("gone"), TEXT, of_type("may be anything, not only string")),
        (ref("deep/gone"), TEXT, of_type("may be anything, not only string")),
        (ref("schemas/Loop"), TEXT, of_type("may be anything, not only string")),
        ({"$ref": "./components/a~01b"}, TEXT, of_type("may be anything, not only string")),
        ({"$ref": "other.json#/components/a~1b"}, TEXT, of_type("may be anything, not only string")),
        ({"$ref": 1, "type": "string"}, TEXT, []),
        (TEXT, ref("gone"), []),
        (
            ref("schemas/Tree"),
            ref("schemas/Tree"),
            [("type-changed", "it.size", "it.size may be integer, not only string")],
        ),
        (
            ref("schemas/Tree"),
            ref("schemas/Other"),
            [("type-changed", "it.next.size", "it.next.size may be integer, not only string")],
        ),
    ],
)
def test_a_reference_is_followed_in_the_document_of_its_side(inner: Any, outer: Any, found: Any) -> None:
    assert escapes(inner, outer) == found


def test_parts_are_laid_into_one_schema() -> None:
    inner = {
        "allOf": [needing("a", a=TEXT, b=TEXT), needing("b", "a", c=NUMBER), ref("schemas/Tree")],
        "properties": {"b": NUMBER},
        "description": "Together.",
    }

    assert Side(document=INNER_DOCUMENT).resolved(inner) == {
        "type": "object",
        "properties": {"a": TEXT, "b": NUMBER, "c": NUMBER, "size": NUMBER, "next": ref("schemas/Tree")},
        "required": ["a", "b"],
        "description": "Together.",
    }


def test_parts_without_members_leave_none_behind() -> None:
    side = Side(document={})

    assert side.resolved({"allOf": [TEXT, {"maxLength": 3}]}) == {"type": "string", "maxLength": 3}
    assert side.resolved({"allOf": "abc", "type": "string"}) == {"allOf": "abc", "type": "string"}


@pytest.mark.parametrize("node", [None, "text", 3, ["list"], True])
def test_what_is_no_schema_constrains_nothing(node: Any) -> None:
    assert Side(document={}).resolved(node) == {}
    assert escapes(TEXT, node) == []


@pytest.mark.parametrize(("steps", "leads_somewhere"), [(23, True), (24, False)])
def test_a_chain_of_references_is_followed_so_far(steps: int, *, leads_somewhere: bool) -> None:
    chain: dict[str, Any] = {f"s{at}": {"$ref": f"#/s{at + 1}"} for at in range(steps)}
    side = Side(document={**chain, f"s{steps}": TEXT})

    assert side.resolved({"$ref": "#/s0"} if steps == 0 else chain["s0"]) == (TEXT if leads_somewhere else {})


def nested(levels: int, leaf: Any) -> Any:
    return leaf if levels == 0 else {"type": "array", "items": nested(levels - 1, leaf)}


@pytest.mark.parametrize(("levels", "is_seen"), [(24, True), (25, False)])
def test_a_difference_is_looked_for_so_deep(levels: int, *, is_seen: bool) -> None:
    assert bool(escapes(nested(levels, TEXT), nested(levels, NUMBER))) is is_seen


def test_without_a_place_it_is_called_the_value() -> None:
    inclusion = Inclusion(inner=Side(document={}), outer=Side(document={}), flow=Flow.RESPONSE)

    (found,) = inclusion.escapes(TEXT, NUMBER)

    assert found == Escape(
        code="type-changed", where="the value", sentence="the value may be string, not only integer"
    )
