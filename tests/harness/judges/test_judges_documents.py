"""What is read in an OpenAPI document: its flaws by their place, its schemas held against real answers."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core.errors import HarnessFault
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, recorded
from harness.judges.judging import collect, judge_all, judges

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
ANSWERS = {"responses": {"200": {"description": "Fine."}}}


def judge(identity: str) -> Any:
    return next(item for item in judges() if item.id == identity)


def valid(**changes: Any) -> Finding:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/items": {"get": ANSWERS}},
        **changes,
    }
    (finding,) = judge_all(recorded(openapi=document), among=[judge("openapi-valid")])
    return finding


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.1.1"])
def test_a_sound_document_is_told_with_its_version(version: str) -> None:
    finding = valid(openapi=version)

    assert (finding.outcome, finding.reason) == (PASS, "openapi-valid")
    assert (finding.seen, finding.subject) == (f"openapi: {version}", "target")


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        ({"openapi": "2.0"}, "openapi: 2.0; 3.0 and 3.1 can be judged"),
        ({"swagger": "2.0"}, "openapi: missing; 3.0 and 3.1 can be judged"),
        ({"openapi": "4.3.1"}, "openapi: 4.3.1; 3.0 and 3.1 can be judged"),
    ],
)
def test_a_version_nobody_can_judge_here_is_named(document: Any, seen: str) -> None:
    (finding,) = judge_all(recorded(openapi=document), among=[judge("openapi-valid")])

    assert (finding.outcome, finding.reason, finding.seen) == (OPEN, "openapi-version-unknown", seen)


def test_a_flaw_in_the_shape_is_told_with_its_place() -> None:
    finding = valid(info={"title": "Shop"})

    assert (finding.outcome, finding.reason) == (FAIL, "openapi-invalid")
    assert finding.seen == '/info: "version" is a required property'


def test_a_place_is_written_as_a_json_pointer() -> None:
    finding = valid(paths={"/a~b": {"get": {"responses": {"200": {}}}}})

    assert finding.seen.startswith("/paths/~1a~0b/get/responses/200: ")


def test_a_long_message_about_the_shape_is_cut() -> None:
    finding = valid(info={"title": "Shop", "version": ["y" * 400]})

    place, _, message = finding.seen.partition(": ")
    assert (place, len(message)) == ("/info/version", 160)


def repeated(count: int) -> dict[str, Any]:
    return {f"/{number}": {"get": {**ANSWERS, "operationId": "same"}} for number in range(count + 1)}


@pytest.mark.parametrize(("flaws", "rest"), [(1, ""), (5, ""), (6, "; and 1 more"), (8, "; and 3 more")])
def test_five_flaws_are_told_and_the_others_counted(flaws: int, rest: str) -> None:
    told = [f"operationId same: on GET /0 and on GET /{number}" for number in range(1, min(flaws, 5) + 1)]

    assert valid(paths=repeated(flaws)).seen == "; ".join(told) + rest


def reading(reference: str, **components: Any) -> Finding:
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    paths = {"/items": {"get": {**ANSWERS, "requestBody": body}}}
    return valid(paths=paths, components={"schemas": components})


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/Item",
        "#/components/schemas/Any/properties/a~1b",
        "#/components/schemas/Any/properties/a~0b",
        "#/components/schemas/Any/anyOf/1",
        "https://schemas.example/item.json",
        "other.json#/Item",
    ],
)
def test_a_reference_that_leads_somewhere_or_elsewhere_is_no_flaw(reference: str) -> None:
    several = {"anyOf": [{"type": "null"}, {}], "properties": {"a/b": {}, "a~b": {}}}

    finding = reading(reference, Item={}, Any=several)

    assert finding.outcome is PASS, finding.seen


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/Gone",
        "#/components/schemas/Any/anyOf/2",
        "#/components/schemas/Any/anyOf/x",
        "#/components/schemas/Item/type/0",
    ],
)
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    finding = reading(reference, Item={"type": "string"}, Any={"anyOf": [{"type": "null"}, {}]})

    assert finding.seen == f"{reference}: points nowhere"


def test_a_reference_is_looked_for_in_lists_and_told_once() -> None:
    gone, lost = ({"$ref": f"#/components/schemas/{name}"} for name in ("Gone", "Lost"))
    finding = valid(components={"schemas": {"A": {"anyOf": [{}, lost]}, "B": {"not": gone}, "C": gone}})

    assert finding.seen == (
        "#/components/schemas/Gone: points nowhere; #/components/schemas/Lost: points nowhere"
    )


@pytest.mark.parametrize("key", ["example", "examples", "default", "const", "enum"])
def test_what_is_data_and_not_schema_may_hold_anything(key: str) -> None:
    data = {"$ref": "#/nowhere"}
    value = [data] if key in {"examples", "enum"} else data

    assert valid(components={"schemas": {"A": {key: value}}}).outcome is PASS


def test_references_are_told_in_order_after_the_shape() -> None:
    schemas = {name: {"$ref": f"#/components/schemas/{name}1"} for name in ("b", "a")}
    finding = valid(info={"title": "Shop"}, components={"schemas": schemas})

    assert finding.seen == (
        '/info: "version" is a required property; '
        "#/components/schemas/a1: points nowhere; #/components/schemas/b1: points nowhere"
    )


def parameter(name: str, place: str = "path") -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": {}}


UNDECLARED = "/a/{x}/{y}: path parameter"


@pytest.mark.parametrize(
    ("item", "seen"),
    [
        (
            {"get": ANSWERS},
            f"GET {UNDECLARED} x is not declared; GET {UNDECLARED} y is not declared",
        ),
        (
            {"get": {**ANSWERS, "parameters": [parameter("x"), parameter("y", "query")]}},
            f"GET {UNDECLARED} y is not declared",
        ),
        ({"parameters": [parameter("x")], "get": {**ANSWERS, "parameters": [parameter("y")]}}, ""),
        ({"parameters": [{"$ref": "#/components/parameters/y"}, parameter("x")], "get": ANSWERS}, ""),
        (
            {"parameters": [{"$ref": "#/components/parameters/y"}], "get": ANSWERS},
            f"GET {UNDECLARED} x is not declared",
        ),
        ({"parameters": [parameter("x")], "put": ANSWERS}, f"PUT {UNDECLARED} y is not declared"),
    ],
)
def test_each_parameter_of_a_path_is_declared_on_it_or_on_the_operation(
    item: dict[str, Any], seen: str
) -> None:
    finding = valid(paths={"/a/{x}/{y}": item}, components={"parameters": {"y": parameter("y")}})

    assert finding.seen == (seen or "openapi: 3.1.0")


@pytest.mark.parametrize("elsewhere", ["other.json#/parameters/x", "https://a.example/x.json"])
def test_what_another_document_declares_is_not_missed_and_hides_no_other_path(elsewhere: str) -> None:
    item = {"parameters": [{"$ref": elsewhere}], "get": ANSWERS}

    finding = valid(paths={"/a/{x}": item, "/b/{y}": {"get": ANSWERS}})

    assert finding.seen == "GET /b/{y}: path parameter y is not declared"


def test_an_id_used_by_two_methods_of_a_path_is_told() -> None:
    named = {**ANSWERS, "operationId": "same"}

    finding = valid(paths={"/a": {"put": named, "get": named, "parameters": []}})

    assert finding.seen == "operationId same: on GET /a and on PUT /a"


def matched(answer: Any, described: Any, **components: Any) -> list[tuple[Outcome, str, str]]:
    openapi = {
        "openapi": "3.1.0",
        "paths": {"/items/{id}": {"get": {"responses": described}}},
        "components": components,
    }
    found = judge_all(
        recorded(answer, operations=[item_operation()], openapi=openapi), among=[judge("response-schemas")]
    )
    return [(item.outcome, item.reason, item.seen) for item in found]


NUMBERED = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


def of(schema: Any, media_type: str = JSON) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def test_a_difference_is_told_with_its_status_and_place() -> None:
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": NUMBERED}}}
    answer = exchange(200, json.dumps({"items": [{"id": 1}, {"id": "two"}]}))

    ((outcome, reason, seen),) = matched(answer, {"200": of(schema)})

    assert (outcome, reason) == (FAIL, "schema-violated")
    assert seen == '1 of 1 answers: 200: /items/1/id "two" is not of type "integer"'


def test_a_long_difference_is_cut() -> None:
    ((_, _, seen),) = matched(exchange(200, json.dumps({"id": "x" * 400})), {"200": of(NUMBERED)})

    assert len(seen.partition("/id ")[2]) == 200


@pytest.mark.parametrize(
    ("status", "described", "outcome"),
    [
        (404, {"404": of(NUMBERED), "4XX": of({}), "default": of({})}, FAIL),
        (404, {"4XX": of(NUMBERED), "default": of({})}, FAIL),
        (400, {"4XX": of(NUMBERED), "default": of({})}, FAIL),
        (404, {"default": of(NUMBERED)}, FAIL),
        (404, {"404": of({}), "4XX": of(NUMBERED)}, PASS),
        (404, {"5XX": of(NUMBERED)}, None),
    ],
)
def test_the_most_specific_entry_says_what_shape_is_right(status: int, described: Any, outcome: Any) -> None:
    found = matched(exchange(status, "{}"), described)

    assert [item[0] for item in found] == ([] if outcome is None else [outcome])


def test_shared_schemas_and_responses_are_followed() -> None:
    described = {"200": {"$ref": "#/components/responses/Item"}}
    components = {
        "responses": {"Item": of({"$ref": "#/components/schemas/Item"})},
        "schemas": {"Item": NUMBERED},
    }

    assert matched(exchange(200, '{"id": 1}'), described, **components)[0][0] is PASS
    assert matched(exchange(200, '{"id": "x"}'), described, **components)[0][0] is FAIL


@pytest.mark.parametrize(
    ("answer", "described", "outcome"),
    [
        (exchange(204), {"204": {"description": "Gone."}}, [PASS]),
        (exchange(200), {"200": of(NUMBERED)}, []),
        (exchange(200, "{}", method="HEAD"), {"200": of(NUMBERED)}, []),
        (exchange(200, "[1", media_type=JSON), {"200": of(NUMBERED)}, []),
        (exchange(200, "{}", media_type=f"{JSON}; charset=utf-8"), {"200": of(NUMBERED)}, [FAIL]),
        (exchange(200, "{}", media_type=PROBLEM), {"200": of(NUMBERED)}, []),
        (exchange(200, "{}"), {"200": {"content": {JSON: {}}}}, []),
        (exchange(200, "{}"), {"200": of("no schema")}, []),
        (exchange(200, "{}"), {"200": "no response"}, []),
        (exchange(204), {"204": "no response"}, []),
        (exchange(200, "{}"), {"200": {"$ref": "#/paths"}}, []),
    ],
)
def test_what_can_be_compared_is_compared(answer: Any, described: Any, outcome: list[Outcome]) -> None:
    assert [item[0] for item in matched(answer, described)] == outcome


def test_head_is_held_against_what_the_document_says_of_head() -> None:
    head = Operation(method="HEAD", path="/items/{id}")
    openapi = {
        "openapi": "3.1.0",
        "paths": {"/items/{id}": {"head": {"responses": {"200": of(NUMBERED)}}}},
    }
    answer = exchange(200, method="HEAD")

    (finding,) = judge_all(
        recorded(answer, operations=[head], openapi=openapi), among=[judge("response-schemas")]
    )

    assert (finding.outcome, finding.subject) == (PASS, "HEAD /items/{id}")


def test_answers_of_two_statuses_types_and_operations_are_each_held_against_their_own() -> None:
    put = Operation(method="PUT", path="/items/{id}")
    texts, numbers = of({"type": "string"}), of({"type": "integer"})
    either = {"content": {**numbers["content"], **of({"type": "null"}, PROBLEM)["content"]}}
    methods = {"get": {"responses": {"200": texts, "404": either}}, "put": {"responses": {"200": numbers}}}
    openapi = {"openapi": "3.1.0", "paths": {"/items/{id}": methods}}
    answers = [
        exchange(200, '"text"', name="fuzz-1"),
        exchange(404, "1", name="fuzz-2"),
        exchange(404, "null", name="fuzz-3", media_type=PROBLEM),
        exchange(200, "2", name="fuzz-4", method="PUT"),
        exchange(200, '"again"', name="fuzz-5"),
    ]

    found = judge_all(
        recorded(*answers, operations=[item_operation(), put], openapi=openapi),
        among=[judge("response-schemas")],
    )

    assert {item.subject: (item.outcome, item.exchanges) for item in found} == {
        "GET /items/{id}": (PASS, ("fuzz-1", "fuzz-2", "fuzz-5")),
        "PUT /items/{id}": (PASS, ("fuzz-4",)),
    }


@pytest.mark.parametrize("version", ["3.0.3", "", "2.0"])
def test_documents_of_another_dialect_are_left_alone(version: str) -> None:
    openapi = {"openapi": version, "paths": {"/items/{id}": {"get": {"responses": {"200": of(NUMBERED)}}}}}

    found = judge_all(
        recorded(exchange(200, "{}"), operations=[item_operation()], openapi=openapi),
        among=[judge("response-schemas")],
    )

    assert found == ()


def test_judges_are_collected_by_id_whatever_their_modules_are_called() -> None:
    one, two = judges()[:2]

    assert collect({"a": two, "b": one}) == (one, two)


def test_a_module_that_forgot_its_judge_is_told_what_to_export() -> None:
    with pytest.raises(HarnessFault) as caught:
        collect({"forgetful": None})

    assert caught.value.message == "forgetful exports no JUDGE"
    assert caught.value.remedy == "export one Judge under the name JUDGE"


def test_a_success_may_be_documented_among_others() -> None:
    operation = item_operation(s200=(), s201=(), s3XX=())

    def seen(status: int) -> Finding:
        record = recorded(exchange(status), operations=[operation])
        (finding,) = judge_all(record, among=[judge("observed-success")])
        return finding

    assert seen(302).outcome is PASS
    assert seen(202).outcome is FAIL
    assert seen(202).expected == "a documented success of 200, 201, 3XX is seen"
    assert seen(302).reproduction == ""


def test_an_operation_that_nobody_called_is_not_told_of() -> None:
    other = Operation(method="GET", path="/carts", responses={"200": ()})
    record = recorded(exchange(200), operations=[other, item_operation(s200=())])

    assert [item.subject for item in judge_all(record, among=[judge("observed-success")])] == [
        "GET /items/{id}"
    ]


def test_faulted_answers_prove_no_success() -> None:
    record = recorded(replace(exchange(200), fault_active=True), operations=[item_operation(s200=())])

    assert judge_all(record, among=[judge("observed-success")]) == ()
