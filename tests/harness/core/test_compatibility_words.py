"""What breaks between two documents is told in one sentence, at the place where a client trips over it."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from harness.core.compatibility import Change, breaking_changes

Document = dict[str, Any]

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
ITEM = {"type": "object", "required": ["id", "tag"], "properties": {"id": dict(NUMBER), "tag": dict(TEXT)}}
BEARER = [{"bearer": []}]


def service(operation: Mapping[str, Any], *, shared: Any = None, **document: Any) -> Document:
    """Return a document of one operation; `shared` are the parameters of its path."""
    path: dict[str, Any] = {"get": copy.deepcopy(dict(operation))}
    if shared is not None:
        path["parameters"] = shared
    return {"openapi": "3.1.0", "paths": {"/items": path}, **document}


def query(name: str = "page", schema: Any = None, **fields: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": TEXT if schema is None else schema, **fields}


def taking(*parameters: Any) -> dict[str, Any]:
    return {"parameters": list(parameters)}


def bodied(content: Any, **fields: Any) -> dict[str, Any]:
    return {"requestBody": {"content": content, **fields}}


def answering(**responses: Any) -> dict[str, Any]:
    return {"responses": {name.lstrip("_"): answer for name, answer in responses.items()}}


def json_of(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def changes(old: Document, new: Document) -> list[tuple[str, str]]:
    return [(each.code, each.sentence) for each in breaking_changes(old, new)["GET /items"]]


SAID: list[tuple[str, Document, Document, list[tuple[str, str]]]] = [
    ("gone", service({}), {"paths": {}}, [("operation-removed", "it is gone")]),
    ("no paths at all", service({}), {"paths": None}, [("operation-removed", "it is gone")]),
    ("no path item", service({}), {"paths": {"/items": None}}, [("operation-removed", "it is gone")]),
    (
        "no operation",
        service({}),
        {"paths": {"/items": {"get": None}}},
        [("operation-removed", "it is gone")],
    ),
    (
        "credentials for one operation",
        service({}),
        service({"security": BEARER}),
        [("security-added", "it needs credentials now")],
    ),
    (
        "credentials for all operations",
        service({}),
        service({}, security=BEARER),
        [("security-added", "it needs credentials now")],
    ),
    (
        "credentials that were always asked for",
        service({}, security=BEARER),
        service({"security": BEARER}),
        [],
    ),
    ("credentials that are no longer asked for", service({"security": BEARER}), service({}), []),
    ("credentials only elsewhere", service({}), service({"security": []}, security=BEARER), []),
    ("credentials that one may leave out", service({}), service({"security": [{}, *BEARER]}), []),
    (
        "credentials that one may no longer leave out",
        service({"security": [*BEARER, {}]}),
        service({"security": BEARER}),
        [("security-added", "it needs credentials now")],
    ),
    (
        "a new required parameter",
        service({}),
        service(taking(query(required=True))),
        [("parameter-required", "query parameter page is required now")],
    ),
    (
        "a parameter that becomes required",
        service(taking(query())),
        service(taking(query(required=True))),
        [("parameter-required", "query parameter page is required now")],
    ),
    (
        "a parameter that was always required",
        service(taking(query(required=True))),
        service(taking(query(required=True))),
        [],
    ),
    (
        "a required parameter of the path",
        service({}),
        service(taking(query(**{"in": "path"}, required=True))),
        [],
    ),
    (
        "a required parameter of all operations of a path",
        service({}),
        service({}, shared=[query(required=True)]),
        [("parameter-required", "query parameter page is required now")],
    ),
    (
        "an operation's word over that of its path",
        service({}),
        service(taking(query(required=False)), shared=[query(required=True)]),
        [],
    ),
    ("parameters that are no list", service({}), service({}, shared={"page": query(required=True)}), []),
    (
        "a header in another case",
        service(taking(query("X-Page", **{"in": "header"}))),
        service(taking(query("x-page", **{"in": "header"}, required=True))),
        [("parameter-required", "header parameter x-page is required now")],
    ),
    (
        "a header that was always required, in another case",
        service(taking(query("X-Page", **{"in": "header"}, required=True))),
        service(taking(query("x-page", **{"in": "header"}, required=True))),
        [],
    ),
    (
        "a query parameter in another case is another one",
        service(taking(query("Page", required=True))),
        service(taking(query("page", required=True))),
        [("parameter-required", "query parameter page is required now")],
    ),
    (
        "a cookie",
        service({}),
        service(taking(query(**{"in": "cookie"}, required=True))),
        [("parameter-required", "cookie parameter page is required now")],
    ),
    (
        "the type of a parameter",
        service(taking(query())),
        service(taking(query(schema=NUMBER))),
        [("request-type-changed", "query parameter page may be string, not only integer")],
    ),
    (
        "the type of a parameter without a schema of its own",
        service(taking({"name": "page", "in": "query", "type": "string"})),
        service(taking({"name": "page", "in": "query", "type": "integer"})),
        [("request-type-changed", "query parameter page may be string, not only integer")],
    ),
    (
        "a type where everything was taken",
        service(taking({"name": "page", "in": "query"})),
        service(taking(query())),
        [("request-type-changed", "query parameter page may be anything, not only string")],
    ),
    (
        "a parameter behind a reference",
        service(
            taking({"$ref": "#/components/parameters/Page"}), components={"parameters": {"Page": query()}}
        ),
        service(
            taking({"$ref": "#/components/parameters/Page"}),
            components={"parameters": {"Page": query(schema=NUMBER)}},
        ),
        [("request-type-changed", "query parameter page may be string, not only integer")],
    ),
    (
        "a body that becomes required",
        service(bodied({})),
        service(bodied({}, required=True)),
        [("body-required", "a body is required now")],
    ),
    (
        "a body where there was none",
        service({}),
        service(bodied({}, required=True)),
        [("body-required", "a body is required now")],
    ),
    (
        "a body that was always required",
        service(bodied({}, required=True)),
        service(bodied({}, required=True)),
        [],
    ),
    (
        "a media type that was taken, and the ones after it",
        service(bodied({"text/plain": {}, "application/json": {"schema": TEXT}})),
        service(bodied({"application/json": {"schema": NUMBER}})),
        [
            ("request-media-type-removed", "text/plain is not taken any more"),
            ("request-type-changed", "the body may be string, not only integer"),
        ],
    ),
    (
        "any media type",
        service(bodied({"text/plain": {"schema": TEXT}})),
        service(bodied({"*/*": {"schema": NUMBER}})),
        [("request-type-changed", "the body may be string, not only integer")],
    ),
    ("a body of any shape", service(bodied({"text/plain": {}})), service(bodied({"text/plain": {}})), []),
    (
        "a body that is given a shape",
        service(bodied({"text/plain": {}})),
        service(bodied({"text/plain": {"schema": TEXT}})),
        [("request-type-changed", "the body may be anything, not only string")],
    ),
    (
        "a body that loses its shape",
        service(bodied({"text/plain": {"schema": TEXT}})),
        service(bodied({"text/plain": {}})),
        [],
    ),
    ("contents that are none", service(bodied({"text/plain": None})), service(bodied([])), []),
    (
        "a success that moved",
        service(answering(_200={})),
        service(answering(_204={}, _201={}, _404={})),
        [("status-moved", "200 is not answered any more, but 201, 204")],
    ),
    (
        "a success that went, and the next one",
        service(answering(_200={}, _201={})),
        service(answering(_404={})),
        [
            ("status-moved", "200 is not answered any more, but no success"),
            ("status-moved", "201 is not answered any more, but no success"),
        ],
    ),
    ("an error that went", service(answering(_404={})), service(answering(_200={})), []),
    ("a success without a word about it", service(answering(_200={})), service(answering(_200={})), []),
    (
        "a success told by its class",
        service(answering(_200=json_of(TEXT))),
        service({"responses": {"2XX": json_of(NUMBER)}}),
        [("response-type-changed", "200 may be integer, not only string")],
    ),
    (
        "a status written as a number",
        service({"responses": {200: json_of(TEXT)}}),
        service(answering(_200=json_of(NUMBER))),
        [("response-type-changed", "200 may be integer, not only string")],
    ),
    ("answers that are none", service({"responses": None}), service({"responses": []}), []),
    (
        "a media type that was given, and the ones after it",
        service(answering(_200={"content": {"text/plain": {}, "application/json": {"schema": TEXT}}})),
        service(answering(_200=json_of(NUMBER))),
        [
            ("response-media-type-removed", "200 is not given as text/plain any more"),
            ("response-type-changed", "200 may be integer, not only string"),
        ],
    ),
    (
        "an answer that loses its shape",
        service(answering(_200=json_of(TEXT))),
        service(answering(_200={"content": {"application/json": {}}})),
        [("response-type-changed", "200 may be anything, not only string")],
    ),
    (
        "an answer that is given a shape",
        service(answering(_200={"content": {"application/json": {}}})),
        service(answering(_200=json_of(TEXT))),
        [],
    ),
    (
        "an answer behind a reference",
        service(
            {"responses": {"200": {"$ref": "#/components/responses/One"}}},
            components={"responses": {"One": json_of(TEXT)}},
        ),
        service(answering(_200=json_of(NUMBER))),
        [("response-type-changed", "200 may be integer, not only string")],
    ),
    (
        "a member",
        service(answering(_200=json_of(ITEM))),
        service(answering(_200=json_of({**ITEM, "required": ["id"]}))),
        [("response-member-optional", "200.tag was always there and may be missing")],
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_each_change_is_said_in_a_sentence(old: Document, new: Document, said: list[tuple[str, str]]) -> None:
    assert changes(old, new) == said


@pytest.mark.parametrize("method", ["get", "put", "post", "delete", "options", "head", "patch", "trace"])
def test_every_method_of_a_document_is_compared(method: str) -> None:
    old = {"paths": {"/a": {method: {"deprecated": False}}, "/b": "no path item", "/c": {method: None}}}

    found = breaking_changes(old, {})

    gone = Change(code="operation-removed", sentence="it is gone", is_excused=False)
    assert found == {f"{method.upper()} /a": (gone,)}


def test_a_path_parameter_may_change_its_name_and_nothing_else() -> None:
    old = {"paths": {"/a/{id}/b/{other}": {"get": {}}}}

    kept = breaking_changes(old, {"paths": {"/a/{x}/b/{y}": {"get": {}}}})
    longer = breaking_changes(old, {"paths": {"/a/{x}/b/{y}/{z}": {"get": {}}}})

    assert [len(found["GET /a/{id}/b/{other}"]) for found in (kept, longer)] == [0, 1]


DEEP = {
    "type": "object",
    "properties": {
        "rows": {
            "type": "array",
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        }
    },
}


def rows(*, deprecated: object, required: bool) -> Document:
    row: dict[str, Any] = {
        "type": "object",
        "properties": {"oldX": {**TEXT, "deprecated": deprecated}} if required else {},
        "required": ["oldX"] if required else [],
    }
    return service(answering(_200=json_of(DEEP)), components={"schemas": {"Row": row}})


@pytest.mark.parametrize(("deprecated", "is_excused"), [(True, True), (False, False), ("yes", False)])
def test_a_member_that_went_is_excused_where_it_was_deprecated_however_deep(
    deprecated: object, *, is_excused: bool
) -> None:
    found = breaking_changes(
        rows(deprecated=deprecated, required=True), rows(deprecated=True, required=False)
    )

    assert found["GET /items"] == (
        Change(
            code="response-member-removed",
            sentence="200.rows[][].oldX was always there and is gone",
            is_excused=is_excused,
        ),
    )


def test_a_required_member_that_nobody_described_was_not_deprecated() -> None:
    bare = {"type": "object", "required": ["id"]}

    (found,) = breaking_changes(
        service(answering(_200=json_of(bare))), service(answering(_200=json_of({"type": "object"})))
    )["GET /items"]

    assert (found.code, found.is_excused) == ("response-member-removed", False)


def test_only_the_loss_of_a_deprecated_member_is_excused() -> None:
    old = service(answering(_200=json_of({**ITEM, "deprecated": True})))
    new = service(answering(_200=json_of({**ITEM, "type": ["object", "null"]})))

    (found,) = breaking_changes(old, new)["GET /items"]

    assert found.code == "response-type-changed"
    assert not found.is_excused
