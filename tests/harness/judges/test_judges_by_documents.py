"""What the judges find that hold an answer, or a call which the target makes, against its own document."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.operation import Operation
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation
from tests.harness.judges.asking import FAIL, PASS, at_item, judged, outcomes, told

OPERATIONS = [item_operation()]
TEXT = {"type": "string"}
WHERE = "GET /items/1 answered 200 with the member"


def answering(schema: Any, status: Any = "200", media_type: str = JSON) -> dict[str, Any]:
    return {"responses": {status: {"content": {media_type: {"schema": schema}}}}}


def secrets(body: Any, schema: Any = None, status: int = 200, **document: Any) -> list[tuple[str, str]]:
    openapi = at_item(answering({} if schema is None else schema), **document)
    return told("secret-members", exchange(status, json.dumps(body)), operations=OPERATIONS, openapi=openapi)


def shown(name: str, where: str = WHERE) -> list[tuple[str, str]]:
    return [("secret-shown", f"1 of 1 answers: {where} '{name}'")]


NONE_SHOWN = [("as-required", "1 of 1 answers")]


@pytest.mark.parametrize("status", [199, 300, 404])
def test_only_a_success_is_searched_for_secrets(status: int) -> None:
    assert secrets({"password": "x"}, status=status) == []


@pytest.mark.parametrize("body", ["password", 3, None])
def test_what_has_no_members_holds_no_secret(body: Any) -> None:
    assert secrets(body) == []


def test_without_a_document_a_secret_is_one_all_the_same() -> None:
    found = told("secret-members", exchange(201, '{"password": "x"}'), operations=OPERATIONS)

    assert found == shown("password", "GET /items/1 answered 201 with the member")


@pytest.mark.parametrize("value", [None, "", False, True])
def test_a_member_without_a_value_shows_nothing(value: Any) -> None:
    assert secrets({"password": value}) == NONE_SHOWN


@pytest.mark.parametrize("value", ["XXXX", 12, ["x"]])
def test_a_member_with_a_value_shows_it(value: Any) -> None:
    assert secrets({"id": 1, "password": value}) == shown("password")


def wrapped(levels: int, body: Any, *, in_lists: bool) -> Any:
    for _ in range(levels):
        body = [body] if in_lists else {"a": body}
    return body


@pytest.mark.parametrize("in_lists", [True, False])
@pytest.mark.parametrize(("levels", "found"), [(8, shown("password")), (9, NONE_SHOWN)])
def test_a_secret_is_looked_for_so_deep(levels: int, found: Any, *, in_lists: bool) -> None:
    assert secrets(wrapped(levels, {"password": "x"}, in_lists=in_lists)) == found


def test_the_first_secret_of_a_list_is_named() -> None:
    assert secrets([1, {"id": 1}, {"pwd": "x"}, {"ssn": "x"}]) == shown("pwd")


DECLARING = {"properties": {"password": TEXT}}
REFERRING = {"$ref": "#/components/schemas/Declaring"}
COMPONENTS = {
    "schemas": {
        "Declaring": DECLARING,
        "a/b~c": DECLARING,
        "Loop": {"$ref": "#/components/schemas/Loop"},
        "Item": REFERRING,
        "Part": {"allOf": [REFERRING]},
    }
}


@pytest.mark.parametrize(
    "schema",
    [
        DECLARING,
        REFERRING,
        {"$ref": "#/components/schemas/a~1b~0c"},
        {"$ref": "#/components/schemas/Part"},
        {"allOf": [{"properties": {"id": {}}}, DECLARING]},
        {"allOf": [DECLARING, {"properties": {"id": {}}}]},
        {"anyOf": [TEXT, REFERRING]},
        {"oneOf": [REFERRING], "properties": {"id": {}}},
        {"allOf": [{"oneOf": [{"anyOf": [REFERRING]}]}]},
    ],
)
def test_a_member_that_the_answer_declares_is_no_secret_shown(schema: Any) -> None:
    assert secrets({"password": "x"}, schema, components=COMPONENTS) == NONE_SHOWN
    assert secrets([{"password": "x"}], {"items": schema}, components=COMPONENTS) == NONE_SHOWN
    assert (
        secrets({"a": {"password": "x"}}, {"properties": {"a": schema}}, components=COMPONENTS) == NONE_SHOWN
    )
    assert secrets(
        {"a": [{"password": "x"}]}, {"properties": {"a": {"items": schema}}}, components=COMPONENTS
    ) == NONE_SHOWN  # fmt: skip


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"id": {}}},
        {"properties": "password"},
        {"not": [DECLARING]},
        {"$ref": "#/components/schemas/Gone"},
        {"$ref": "#/components/schemas/Loop"},
        {"properties": {"password": {**TEXT, "writeOnly": True}}},
        {"allOf": None, "anyOf": None, "oneOf": None},
    ],
)
def test_a_member_that_no_answer_declares_is_a_secret_shown(schema: Any) -> None:
    assert secrets({"password": "x"}, schema, components=COMPONENTS) == shown("password")


@pytest.mark.parametrize(("parts", "found"), [(8, NONE_SHOWN), (9, shown("password"))])
def test_parts_of_a_schema_are_laid_together_so_deep(parts: int, found: Any) -> None:
    schema: Any = DECLARING
    for _ in range(parts):
        schema = {"allOf": [schema]}

    assert secrets({"password": "x"}, schema) == found


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ({"200": DECLARING}, NONE_SHOWN),
        ({"2XX": DECLARING}, NONE_SHOWN),
        ({"default": DECLARING}, NONE_SHOWN),
        ({"200": {"type": "object"}, "default": DECLARING}, shown("password")),
        ({"200": {}, "default": DECLARING}, NONE_SHOWN),
        ({"201": DECLARING, "4XX": DECLARING}, shown("password")),
    ],
)
def test_the_most_specific_answer_that_has_a_schema_declares(responses: Any, found: Any) -> None:
    answers = {status: answering(schema)["responses"]["200"] for status, schema in responses.items()}

    openapi = at_item({"responses": answers})

    assert (
        told("secret-members", exchange(200, '{"password": "x"}'), operations=OPERATIONS, openapi=openapi)
        == found
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"$ref": "#/components/responses/Item"},
        {"schema": REFERRING},
        {"content": {"text/plain": "no entry", JSON: {"schema": DECLARING}}},
    ],
)
def test_an_answer_may_be_shared_or_of_the_old_dialect(answer: Any) -> None:
    shared = {"responses": {"Item": {"content": {JSON: {"schema": DECLARING}}}}, **COMPONENTS}
    openapi = at_item({"responses": {"200": answer}}, components=shared)

    assert outcomes(
        "secret-members", exchange(200, '{"password": "x"}'), operations=OPERATIONS, openapi=openapi
    ) == [PASS]


def test_a_path_may_be_shared() -> None:
    openapi = {
        "paths": {"/items/{id}": {"$ref": "#/shared"}},
        "shared": {"get": {"responses": {"200": {"$ref": "#/answer"}}}},
        "answer": {"content": {JSON: {"schema": DECLARING}}},
    }

    assert outcomes(
        "secret-members", exchange(200, '{"password": "x"}'), operations=OPERATIONS, openapi=openapi
    ) == [PASS]


def formats(body: Any, schema: Any, answer: Any = None, **document: Any) -> list[tuple[str, str]]:
    item = exchange(200, body if isinstance(body, str) else json.dumps(body)) if answer is None else answer
    openapi = at_item(answering(schema), **document)
    return told("response-formats", item, operations=OPERATIONS, openapi=openapi)


MADE = {"properties": {"made": {"type": "string", "format": "date"}}}
UNTRUE = [("format-untrue", '1 of 1 answers: GET /items/{id} answered 200: /made "x" is not a "date"')]


@pytest.mark.parametrize(
    "name",
    ["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"],
)
def test_a_string_has_to_have_the_format_that_its_schema_declares(name: str) -> None:
    assert formats('"not @ any"', {"format": name}) == [
        ("format-untrue", f'1 of 1 answers: GET /items/{{id}} answered 200: / "not @ any" is not a "{name}"')
    ]


@pytest.mark.parametrize(
    "schema",
    [
        MADE,
        {"allOf": [{}, MADE]},
        {"$ref": "#/components/schemas/Made"},
        {"allOf": [{"$ref": "#/components/schemas/Made"}]},
        {"format": "none of these", **MADE},
        {"properties": {"made": {"anyOf": [{"$ref": "#/components/schemas/A~1Day"}, {"type": "null"}]}}},
    ],
)
def test_a_format_is_found_wherever_the_schema_has_it(schema: Any) -> None:
    known = {"schemas": {"Made": MADE, "A/Day": MADE["properties"]["made"]}}
    (found,) = formats({"made": "x"}, schema, components=known)

    assert found[0] == "format-untrue"
    assert formats({"made": "2026-11-26"}, schema, components=known) == NONE_SHOWN


@pytest.mark.parametrize(
    "schema",
    [
        TEXT,
        {"format": "password"},
        {"format": ["date"]},
        {"$ref": "#/components/schemas/Gone"},
        {"$ref": "#/components/schemas/Loop"},
        {"$ref": "other.json#/components/schemas/Made"},
        "date",
    ],
)
def test_without_a_format_that_can_be_checked_nothing_is_said(schema: Any) -> None:
    components = {"schemas": {"Made": MADE, "Loop": {"items": {"$ref": "#/components/schemas/Loop"}}}}

    assert formats('{"made": "x"}', schema, components=components) == []


def test_a_schema_that_holds_itself_is_read_once() -> None:
    tree = {"properties": {"next": {"$ref": "#/components/schemas/Tree"}, **MADE["properties"]}}

    assert (
        formats({"made": "x"}, {"$ref": "#/components/schemas/Tree"}, components={"schemas": {"Tree": tree}})
        == UNTRUE
    )


def test_a_format_behind_two_references_is_found() -> None:
    schemas = {"Made": {"$ref": "#/components/schemas/Day"}, "Day": MADE}

    found = formats({"made": "x"}, {"$ref": "#/components/schemas/Made"}, components={"schemas": schemas})

    assert found == UNTRUE


def test_another_difference_is_not_of_the_format_and_the_first_is_told() -> None:
    schema = {"required": ["id"], "properties": {name: {"format": "date"} for name in ("a", "b")}}

    assert formats({"a": "2026-11-26"}, schema) == NONE_SHOWN
    ((_, seen),) = formats({"a": "x", "b": "y"}, schema)
    assert seen == '1 of 1 answers: GET /items/{id} answered 200: /a "x" is not a "date"'


@pytest.mark.parametrize("version", ["2.0", "", None])
def test_formats_of_another_dialect_are_left_alone(version: Any) -> None:
    assert formats({"made": "x"}, MADE, openapi=version) == []
    assert formats({"made": "x"}, MADE, openapi="3.0.3") == UNTRUE


@pytest.mark.parametrize(
    "answer",
    [
        exchange(200, '{"made": "x"}', media_type=PROBLEM),
        exchange(404, '{"made": "x"}'),
        exchange(200, '{"made": "x"', media_type=JSON),
        exchange(200, '{"made": "x"}', target="/elsewhere"),
    ],
)
def test_what_the_document_does_not_describe_has_no_format(answer: Any) -> None:
    assert formats("", MADE, answer) == []


def test_answers_of_two_statuses_and_operations_are_each_held_against_their_own() -> None:
    put = Operation(method="PUT", path="/items/{id}")
    texts = {"content": {JSON: {"schema": TEXT}, PROBLEM: {"schema": {"format": "uuid"}}}}
    dates = {"content": {JSON: {"schema": {"format": "date"}}}}
    path = {"get": {"responses": {"200": texts, "404": dates}}, "put": {"responses": {"200": dates}}}
    answers = [
        exchange(200, '"x"', name="fuzz-1"),
        exchange(404, '"x"', name="fuzz-2"),
        exchange(200, '"x"', name="fuzz-3", media_type=PROBLEM),
        exchange(200, '"x"', name="fuzz-4", method="PUT"),
        exchange(404, '"2026-11-26"', name="fuzz-5"),
    ]

    (found,) = judged(
        "response-formats",
        *answers,
        operations=[*OPERATIONS, put],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": path}},
    )

    assert found.exchanges == ("fuzz-2", "fuzz-3", "fuzz-4")
    assert found.seen.startswith("3 of 4 answers: ")


def sent_headers(headers: Any, answer: Any, **document: Any) -> list[tuple[str, str]]:
    openapi = at_item({"responses": {"200": {"headers": headers}}}, **document)
    return told("declared-headers", answer, operations=OPERATIONS, openapi=openapi)


def test_every_required_header_that_is_missing_is_named() -> None:
    headers = {
        "ETag": {"required": True},
        "X-Any": {"required": False},
        "X-One": {"$ref": "#/components/headers/One"},
        "X-Empty": {"required": True},
        "X-Odd": {"required": "true"},
    }
    components = {"headers": {"One": {"required": True}}}

    bare = sent_headers(headers, exchange(200, headers={"x-empty": ""}), components=components)
    whole = sent_headers(
        headers, exchange(200, headers={"etag": '"1"', "x-one": "1", "X-Empty": ""}), components=components
    )

    assert bare == [("header-missing", "1 of 1 answers: GET /items/{id} answered 200 without ETag, X-One")]
    assert whole == NONE_SHOWN


@pytest.mark.parametrize("headers", [None, [], {}, {"ETag": {"required": False}}, {"ETag": None}])
def test_without_a_required_header_nothing_is_said(headers: Any) -> None:
    assert sent_headers(headers, exchange(200)) == []
    assert sent_headers({"ETag": {"required": True}}, exchange(404)) == []


def announced(status: int = 200, **headers: str) -> list[tuple[str, str]]:
    return told(
        "deprecated-operations",
        exchange(status, headers=headers),
        operations=OPERATIONS,
        openapi=at_item({"deprecated": True}),
    )


ANSWERED = "1 of 1 answers: GET /items/1 answered 200"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, ("deprecation-silent", f"{ANSWERED} without Deprecation, and the document calls it deprecated")),
        ({"Deprecation": "true"}, ("deprecation-malformed", f"{ANSWERED} with Deprecation: true")),
        ({"Deprecation": "@1;"}, ("as-required", "1 of 1 answers")),
        ({"Deprecation": " @-1 "}, ("as-required", "1 of 1 answers")),
        (
            {"Deprecation": "@1", "Sunset": "soon"},
            ("sunset-malformed", f"{ANSWERED} with Sunset: soon"),
        ),
        (
            {"Deprecation": "@1", "Sunset": " Thu, 26 Nov 2026 08:00:00 GMT "},
            ("as-required", "1 of 1 answers"),
        ),
    ],
)
def test_a_deprecated_operation_says_when_it_was_and_when_it_ends(headers: Any, said: Any) -> None:
    assert announced(**headers) == [said]


@pytest.mark.parametrize(("status", "is_judged"), [(399, True), (400, False)])
def test_an_error_need_not_announce_that_its_operation_is_deprecated(status: int, *, is_judged: bool) -> None:
    assert bool(announced(status)) is is_judged


@pytest.mark.parametrize("deprecated", [False, None, "true"])
def test_an_operation_that_is_not_deprecated_announces_nothing(deprecated: Any) -> None:
    other = replace(item_operation(), path="/other", operation_id="other")
    openapi = at_item({"deprecated": True})
    openapi["paths"]["/other"] = {"get": {"deprecated": deprecated}}

    assert outcomes(
        "deprecated-operations",
        exchange(200, target="/other"),
        exchange(200, name="scenarios-2"),
        operations=[other, *OPERATIONS],
        openapi=openapi,
    ) == [FAIL]
    assert (
        told("deprecated-operations", exchange(200, target="/other"), operations=[other], openapi=openapi)
        == []
    )
