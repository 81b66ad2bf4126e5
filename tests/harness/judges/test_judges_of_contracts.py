"""What the judges that hold answers against the OpenAPI document, and the document itself, make of it."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange, Request
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, problem, recorded
from harness.judges.judging import judge_all, judges

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def judged(identity: str, *exchanges: Exchange, **declared: Any) -> tuple[Finding, ...]:
    return judge_all(
        recorded(*exchanges, **declared), among=[item for item in judges() if item.id == identity]
    )


@pytest.mark.parametrize(
    ("responses", "status", "outcome"),
    [
        ({"s200": ()}, 200, PASS),
        ({"s2XX": ()}, 204, PASS),
        ({"sdefault": ()}, 418, PASS),
        ({"s200": ()}, 201, FAIL),
        ({"s4XX": ()}, 500, FAIL),
    ],
)
def test_statuses_are_documented_exactly_as_a_range_or_by_default(
    responses: Any, status: int, outcome: Outcome
) -> None:
    (finding,) = judged("undocumented-statuses", exchange(status), operations=[item_operation(**responses)])

    assert (finding.outcome, finding.subject) == (outcome, "GET /items/{id}")


def test_an_operation_that_documents_nothing_says_nothing_of_statuses() -> None:
    assert judged("undocumented-statuses", exchange(200), operations=[item_operation()]) == ()


def test_a_literal_path_is_not_taken_for_a_template() -> None:
    mine = Operation(method="GET", path="/items/mine", responses={"200": ()})

    (finding,) = judged(
        "undocumented-statuses",
        exchange(418, target="/items/mine?a=1"),
        operations=[item_operation(s418=()), mine],
    )

    assert (finding.subject, finding.outcome) == ("GET /items/mine", FAIL)


@pytest.mark.parametrize(
    ("declared", "media_type", "outcome"),
    [
        ((JSON,), "application/json; charset=utf-8", PASS),
        (("Application/JSON; charset=utf-8",), JSON, PASS),
        (("application/*",), PROBLEM, PASS),
        (("*/*",), "text/html", PASS),
        ((JSON,), "text/html", FAIL),
    ],
)
def test_content_types_match_without_parameters(
    declared: tuple[str, ...], media_type: str, outcome: Outcome
) -> None:
    (finding,) = judged(
        "undocumented-content-types",
        exchange(200, "{}", media_type=media_type),
        operations=[item_operation(s200=declared)],
    )

    assert finding.outcome is outcome


def test_the_most_specific_entry_decides_the_content_type() -> None:
    operation = item_operation(s404=(PROBLEM,), sdefault=(JSON,))

    (finding,) = judged("undocumented-content-types", exchange(404, "{}"), operations=[operation])

    assert finding.outcome is FAIL


@pytest.mark.parametrize("item", [exchange(204), exchange(200), exchange(200, "{}", method="HEAD")])
def test_an_answer_without_content_has_no_content_type_to_judge(item: Exchange) -> None:
    operation = item_operation(s200=(JSON,), s204=(JSON,))

    assert judged("undocumented-content-types", item, operations=[operation]) == ()


@pytest.mark.parametrize(
    ("allow", "reason"),
    [
        ({}, "allow-missing"),
        ({"Allow": "GET, DELETE"}, "allow-names-refused"),
        ({"Allow": "HEAD"}, "allow-incomplete"),
        ({"Allow": ""}, "allow-incomplete"),
        ({"allow": "get,HEAD , OPTIONS"}, "as-required"),
    ],
)
def test_a_405_names_the_methods(allow: dict[str, str], reason: str) -> None:
    item = problem(405, method="DELETE", headers=allow)

    (finding,) = judged("allowed-methods", item, operations=[item_operation()])

    assert finding.reason == reason


def test_a_405_on_a_literal_path_need_not_name_the_methods_of_a_template_that_fits_it_too() -> None:
    literal = Operation(method="POST", path="/items/1")
    item = problem(405, method="DELETE", headers={"Allow": "POST"})
    assert item.request.path == "/items/1"

    (finding,) = judged("allowed-methods", item, operations=[item_operation(), literal])

    assert finding.outcome is PASS


def test_an_empty_allow_is_right_where_nothing_is_declared() -> None:
    (finding,) = judged("allowed-methods", problem(405, method="DELETE", headers={"Allow": ""}))

    assert finding.outcome is PASS


@pytest.mark.parametrize(
    ("statuses", "outcome", "reason"),
    [
        ((404, 200), PASS, "success-seen"),
        ((204,), FAIL, "only-undocumented-success"),
        ((404, 401), OPEN, "no-success-seen"),
    ],
)
def test_success_observed(statuses: tuple[int, ...], outcome: Outcome, reason: str) -> None:
    items = [exchange(status, name=f"fuzz-{number}") for number, status in enumerate(statuses)]

    (finding,) = judged("observed-success", *items, operations=[item_operation(s200=(JSON,), s404=())])

    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_default_documents_no_success_beside_a_named_one() -> None:
    operations = [item_operation(s200=(), sdefault=())]

    (finding,) = judged("observed-success", exchange(204), operations=operations)

    assert finding.outcome is FAIL


def test_exercised_statuses_count_contracts_and_scenarios_only() -> None:
    operations = [item_operation(s200=(), s404=(), s422=(), s429=(), s500=())]
    scenario = exchange(200)
    fuzz = exchange(404, name="fuzz-1", layer=Layer.FUZZ)
    contract = exchange(404, name="contracts-1", layer=Layer.CONTRACTS)

    verified = exchange(200, name="contracts-2", layer=Layer.CONTRACTS)

    (few,) = judged("exercised-statuses", verified, fuzz, operations=operations)
    (enough,) = judged("exercised-statuses", scenario, contract, operations=operations)

    assert (few.outcome, few.seen) == (FAIL, "1 of 3 exercised; unseen: 404, 422")
    assert (enough.outcome, enough.seen) == (PASS, "2 of 3 exercised; unseen: 422")
    assert enough.measurements["exercised_share"].limit == 0.5


def test_an_operation_that_no_test_touched_fails_once_tests_have_run() -> None:
    other = Operation(method="POST", path="/items", responses={"201": ()})
    contract = exchange(200, name="contracts-1", layer=Layer.CONTRACTS)

    found = judged("exercised-statuses", contract, operations=[item_operation(s200=()), other])

    assert {item.subject: item.outcome for item in found} == {"GET /items/{id}": PASS, "POST /items": FAIL}


def test_what_our_scenarios_leave_out_is_no_fault_of_a_target_without_contracts() -> None:
    operations = [item_operation(s200=(), s404=(), s422=())]

    (found,) = judged("exercised-statuses", exchange(200), operations=operations)

    assert (found.outcome.value, found.reason) == ("inconclusive", "no-contracts")
    assert found.seen == "1 of 3 exercised; unseen: 404, 422; no contract of the target's own was verified"


def test_without_contracts_and_scenarios_nothing_is_said_of_exercised_statuses() -> None:
    fuzz = exchange(200, name="fuzz-1", layer=Layer.FUZZ)

    assert judged("exercised-statuses", fuzz, operations=[item_operation(s200=())]) == ()


@pytest.mark.parametrize(
    ("headers", "body_type", "base_url", "reason"),
    [
        ({}, JSON, "http://a.example", "nosniff-missing"),
        ({"X-Content-Type-Options": "NoSniff"}, JSON, "http://a.example", "as-required"),
        ({"X-Content-Type-Options": "nosniff"}, "text/html", "http://a.example", "framing-allowed"),
        (
            {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"},
            "text/html",
            "http://a.example",
            "as-required",
        ),
        (
            {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "frame-ancestors 'none'"},
            "text/html",
            "http://a.example",
            "as-required",
        ),
        ({"X-Content-Type-Options": "nosniff"}, JSON, "https://a.example", "hsts-missing"),
    ],
)
def test_security_headers(headers: dict[str, str], body_type: str, base_url: str, reason: str) -> None:
    item = exchange(200, "{}", headers=headers, media_type=body_type)

    (finding,) = judged("security-headers", item, base_url=base_url)

    assert finding.reason == reason


def document(**changes: Any) -> dict[str, Any]:
    responses = {"200": {"description": "Items."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/items": {"get": {"operationId": "list", "responses": responses}}},
        **changes,
    }


def path(template: str, **operation: Any) -> dict[str, Any]:
    return {template: {"get": {"responses": {"200": {"description": "x"}}, **operation}}}


SHARED_PARAMETER = {"parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {}}}}


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"info": {"version": "1"}}, "/info:"),
        ({"paths": {"items": {}}}, "/paths"),
        ({"paths": {"/a": {"get": {"responses": {"200": {}}}}}}, "/paths/~1a/get/responses/200"),
        ({"paths": path("/a", requestBody={"$ref": "#/components/requestBodies/No"})}, "points nowhere"),
        (
            {"paths": path("/a", operationId="x") | path("/b", operationId="x")},
            "operationId x: on GET /a and on GET /b",
        ),
        ({"paths": path("/a/{id}")}, "GET /a/{id}: path parameter id is not declared"),
        ({"openapi": "3.0.3", "info": {"title": "Shop"}}, "/info:"),
    ],
)
def test_a_document_that_does_not_hold_together_fails_and_says_where(changes: Any, flaw: str) -> None:
    (finding,) = judged("openapi-valid", openapi=document(**changes))

    assert finding.outcome is FAIL
    assert flaw in finding.seen


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"openapi": "3.0.3"},
        {"paths": path("/a/{id}", parameters=[SHARED_PARAMETER["parameters"]["id"]])},
        {
            "paths": path("/a/{id}", parameters=[{"$ref": "#/components/parameters/id"}]),
            "components": SHARED_PARAMETER,
        },
    ],
)
def test_a_document_that_holds_together_passes(changes: Any) -> None:
    (finding,) = judged("openapi-valid", openapi=document(**changes))

    assert finding.outcome is PASS, finding.seen


def test_a_document_of_an_unknown_version_is_inconclusive() -> None:
    (finding,) = judged("openapi-valid", openapi={"swagger": "2.0"})

    assert (finding.outcome, finding.reason) == (OPEN, "openapi-version-unknown")


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"operationId": "x", "summary": "Read."}, "as-required"),
        ({"summary": "Read."}, "operation-id-missing"),
        ({"operationId": "x", "summary": " "}, "description-missing"),
        (
            {"operationId": "x", "summary": "Read.", "parameters": [{"name": "id", "in": "path"}]},
            "parameter-undescribed",
        ),
        (
            {
                "operationId": "x",
                "summary": "Read.",
                "parameters": [{"name": "id", "in": "path", "schema": {"description": "Which."}}],
            },
            "as-required",
        ),
        (
            {"operationId": "x", "summary": "Read.", "parameters": [{"$ref": "#/components/parameters/id"}]},
            "parameter-undescribed",
        ),
    ],
)
def test_described_operations(operation: Any, reason: str) -> None:
    openapi = document(paths={"/items/{id}": {"get": operation}}, components=SHARED_PARAMETER)

    (finding,) = judged("described-operations", operations=[item_operation()], openapi=openapi)

    assert finding.reason == reason


def test_parameters_of_the_path_are_parameters_of_its_operations() -> None:
    item = {"parameters": [{"name": "id", "in": "path"}], "get": {"operationId": "x", "summary": "Read."}}

    (finding,) = judged(
        "described-operations", operations=[item_operation()], openapi=document(paths={"/items/{id}": item})
    )

    assert finding.reason == "parameter-undescribed"


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (item_operation(s200=(JSON,)), "as-required"),
        (replace(item_operation(s200=(JSON,)), takes_input=True), "no-client-error"),
        (replace(item_operation(s200=(JSON,)), is_secured=True), "no-client-error"),
        (item_operation(s404=()), "error-without-body"),
        (item_operation(s404=(PROBLEM,)), "as-required"),
        (item_operation(sdefault=(PROBLEM,)), "as-required"),
        (
            Operation(method="GET", path="/items/{id}", responses={"404": (PROBLEM,)}, is_secured=True),
            "no-unauthorized",
        ),
        (
            Operation(method="GET", path="/items/{id}", responses={"401": (PROBLEM,)}, is_secured=True),
            "as-required",
        ),
    ],
)
def test_documented_errors(operation: Operation, reason: str) -> None:
    (finding,) = judged(
        "documented-errors", operations=[operation], openapi=document(paths=path("/items/{id}"))
    )

    assert finding.reason == reason


def test_without_a_document_its_judges_are_silent() -> None:
    for identity in ("openapi-valid", "described-operations", "documented-errors"):
        assert judged(identity, exchange(200), operations=[item_operation()]) == ()


def test_a_reproduction_is_a_shell_line_without_what_belongs_to_the_connection() -> None:
    request = Request(
        method="POST",
        target="/items?q=it's",
        headers=(
            ("Host", "127.0.0.1:9"),
            ("Content-Length", "8"),
            ("Harness-Step", "x"),
            ("Authorization", "Bearer {{secret:bearer:0a1b2c3d}}"),
        ),
        body='{"a": 1}',
    )

    assert curl(request, "http://shop.example/") == (
        "curl -i -X POST -H 'Authorization: Bearer {{secret:bearer:0a1b2c3d}}' "
        """--data-raw '{"a": 1}' 'http://shop.example/items?q=it'"'"'s'"""
    )


def test_a_binary_body_is_reproduced_from_its_base64() -> None:
    request = Request(method="PUT", target="/o", body="AP8=", body_is_base64=True)

    assert curl(request, "http://a.example") == (
        "printf %s AP8= | base64 -d | curl -i -X PUT --data-binary @- http://a.example/o"
    )


def test_a_head_request_is_asked_as_one() -> None:
    assert curl(Request(method="HEAD", target="/"), "http://a.example") == "curl -i -I http://a.example/"
