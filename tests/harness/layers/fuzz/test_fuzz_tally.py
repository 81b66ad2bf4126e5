"""When a check of Schemathesis proves something, and when its failure is no fault of the target."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from harness.core.finding import Finding
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.layers.fuzz.headers import HeaderRules
from harness.layers.fuzz.report import CheckResult, CheckStatus, Mode, Scenario, SentCase, ToolTrouble
from harness.layers.fuzz.rules import RULES
from harness.layers.fuzz.tally import Describe, Tally
from tests.acceptance.servers import serving

_ITEM = Operation(
    method="PUT",
    path="/items/{id}",
    responses={
        "200": ("application/json",),
        "204": (),
        "4XX": ("application/problem+json",),
        "428": ("application/problem+json",),
    },
    is_secured=True,
    takes_input=True,
)
_SILENT = Describe(exchanges=lambda case: (f"fuzz-{case.id}",), reproduction=lambda case: f"curl {case.id}")


def _case(
    identity: str,
    status: int | None,
    *,
    failing: Iterable[str] = (),
    mode: Mode = Mode.POSITIVE,
    method: str = "PUT",
    scenario: str = "",
    media_type: str = "application/json",
    has_body: bool = True,
    is_probe: bool = False,
    has_null_parameter: bool = False,
    has_negative_part: bool = False,
    allow: str = "",
) -> SentCase:
    failed = set(failing)
    checks = tuple(
        CheckResult(
            name=name,
            status=CheckStatus.FAILURE if name in failed else CheckStatus.SUCCESS,
            code="ST000",
            title="Odd",
        )
        for name in RULES
    )
    return SentCase(
        id=identity,
        label="PUT /items/{id}",
        phase="coverage",
        method=method,
        path="/items/{id}",
        mode=mode,
        scenario=scenario,
        status=status,
        media_type=media_type,
        has_body=has_body,
        is_probe=is_probe,
        has_null_parameter=has_null_parameter,
        has_negative_part=has_negative_part,
        allow=allow,
        checks=() if is_probe else checks,
    )


def _findings(
    *cases: SentCase, troubles: Iterable[ToolTrouble] = (), operation: Operation = _ITEM
) -> dict[str, Finding]:
    tally = Tally(Operations((operation,)))
    tally.read(Scenario(label="PUT /items/{id}", phase="coverage", cases=cases))
    for trouble in troubles:
        tally.read(trouble)
    return {item.requirement: item for item in tally.findings(has_identity=True, describe=_SILENT)}


def test_a_success_in_answer_to_a_valid_request_passes_what_it_shows() -> None:
    found = _findings(_case("a", 200))

    assert {name for name, item in found.items() if item.outcome is Outcome.PASS} == {
        "api.content-types-documented",
        "api.responses-match-schema",
        "api.status-codes-documented",
        "api.valid-requests-accepted",
        "errors.no-server-errors",
    }


def test_refusal_of_invalid_input_is_not_shown_by_valid_requests() -> None:
    found = _findings(_case("a", 200))

    assert found["errors.invalid-input-refused"].outcome is Outcome.INCONCLUSIVE
    assert found["errors.invalid-input-refused"].reason == "not-exercised"


def test_a_negative_case_that_was_let_through_as_harmless_proves_nothing() -> None:
    found = _findings(_case("a", 200, mode=Mode.NEGATIVE))

    assert found["errors.invalid-input-refused"].outcome is Outcome.INCONCLUSIVE


def test_a_negative_case_that_was_refused_proves_refusal() -> None:
    found = _findings(_case("a", 422, mode=Mode.NEGATIVE, media_type="application/problem+json"))

    assert found["errors.invalid-input-refused"].outcome is Outcome.PASS


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_refusal_for_another_reason_than_the_input_proves_nothing(status: int) -> None:
    found = _findings(
        _case("a", 200), _case("b", status, mode=Mode.NEGATIVE, media_type="application/problem+json")
    )

    assert found["errors.invalid-input-refused"].outcome is Outcome.INCONCLUSIVE


def test_authentication_is_enforced_only_when_a_request_without_it_was_refused() -> None:
    unproved = _findings(_case("a", 200))
    proved = _findings(_case("a", 200), _case("p", 401, is_probe=True))

    assert "security.authentication-enforced" not in unproved
    assert proved["security.authentication-enforced"].outcome is Outcome.PASS


def test_a_failing_check_names_the_smallest_case_with_its_exchange_and_shell_line() -> None:
    found = _findings(
        _case("b", 500, failing=["not_a_server_error"]), _case("a", 500, failing=["not_a_server_error"])
    )

    failed = found["errors.no-server-errors"]
    assert (failed.outcome, failed.reason) == (Outcome.FAIL, "server-error")
    assert (failed.exchanges, failed.reproduction) == (("fuzz-a",), "curl a")


def test_a_dead_credential_is_not_held_against_the_target() -> None:
    problem = "application/problem+json"
    found = _findings(
        _case("a", 401, failing=["status_code_conformance"], media_type=problem),
        _case("b", 401, media_type=problem),
    )

    assert {item.outcome for item in found.values()} == {Outcome.INCONCLUSIVE}
    assert {item.reason for item in found.values()} == {"dead-credential"}


def test_an_undocumented_429_is_not_held_against_the_target() -> None:
    found = _findings(
        _case("a", 200), _case("b", 429, failing=["status_code_conformance", "content_type_conformance"])
    )

    assert found["api.status-codes-documented"].outcome is Outcome.PASS


def test_an_operation_that_only_answers_429_is_inconclusive() -> None:
    found = _findings(_case("a", 429), _case("b", 429), _case("c", 429))

    assert {item.reason for item in found.values()} == {"rate-limited"}


def test_a_documented_precondition_is_no_refusal_of_valid_data() -> None:
    found = _findings(_case("a", 428, failing=["positive_data_acceptance"]), _case("b", 200))

    assert found["api.valid-requests-accepted"].outcome is Outcome.PASS


@pytest.mark.parametrize("status", [410, 423])
def test_that_a_resource_is_gone_or_locked_is_no_refusal_of_valid_data(status: int) -> None:
    operation = replace(_ITEM, responses={"200": ("application/json",)})

    found = _findings(
        _case("a", status, failing=["positive_data_acceptance"]), _case("b", 200), operation=operation
    )

    assert found["api.valid-requests-accepted"].outcome is Outcome.PASS


@pytest.mark.parametrize(("documented", "outcome"), [(("400", "422"), "pass"), (("422",), "fail")])
def test_a_422_beside_a_400_speaks_of_what_was_meant(documented: tuple[str, ...], outcome: str) -> None:
    operation = replace(_ITEM, responses=dict.fromkeys(("200", *documented), ("application/json",)))

    found = _findings(
        _case("a", 422, failing=["positive_data_acceptance"]), _case("b", 200), operation=operation
    )

    assert found["api.valid-requests-accepted"].outcome is Outcome(outcome)


def test_a_null_that_no_header_can_hold_is_no_refusal_of_valid_data() -> None:
    found = _findings(
        _case("a", 422, failing=["positive_data_acceptance"], has_null_parameter=True), _case("b", 200)
    )

    assert found["api.valid-requests-accepted"].outcome is Outcome.PASS


def test_a_valid_case_with_an_invalid_header_is_no_refusal_of_valid_data() -> None:
    found = _findings(
        _case("a", 422, failing=["positive_data_acceptance"], has_negative_part=True), _case("b", 200)
    )

    assert found["api.valid-requests-accepted"].outcome is Outcome.PASS


@pytest.mark.parametrize("has_schema", [True, False])
def test_a_header_that_the_document_does_not_allow_makes_a_case_invalid(*, has_schema: bool) -> None:
    schema = {"type": "string", "pattern": '^"[a-z]+"$'}
    told = {"schema": schema} if has_schema else {"required": False, **schema}  # Swagger 2.0 has it flat
    parameter = {"name": "If-Match", "in": "header", **told}
    document = {"paths": {"/items/{id}": {"put": {"parameters": [parameter]}}}}

    rules = HeaderRules(document)

    assert rules.allow("PUT /items/{id}", [("if-match", '"abc"'), ("x-other", "0")])
    assert not rules.allow("PUT /items/{id}", [("if-match", "0")])
    assert rules.allow("GET /items/{id}", [("if-match", "0")])


@pytest.mark.parametrize("schema", [{"$ref": "URL/schema.json"}, {"pattern": "("}])
def test_a_header_schema_that_cannot_be_read_here_excuses_nothing_and_is_asked_for_nowhere(
    schema: dict[str, str],
) -> None:
    with serving(lambda _method, _path: (200, "application/json", b"false")) as (url, seen):
        there = {name: value.replace("URL", url) for name, value in schema.items()}
        parameter = {"name": "X-Kind", "in": "header", "schema": {"type": "string", **there}}
        rules = HeaderRules({"paths": {"/items": {"get": {"parameters": [parameter]}}}})

        assert rules.allow("GET /items", [("X-Kind", "0")])

    assert seen == []


def test_a_501_to_an_unknown_method_is_no_server_error() -> None:
    odd = _case("a", 501, failing=["not_a_server_error"], method="TRACE", scenario="unspecified_http_method")

    assert _findings(odd, _case("b", 200))["errors.no-server-errors"].outcome is Outcome.PASS


def test_a_server_error_on_an_undeclared_method_counts_for_the_operation_of_the_path() -> None:
    odd = _case("a", 500, failing=["not_a_server_error"], method="PATCH", scenario="unspecified_http_method")

    assert _findings(odd)["errors.no-server-errors"].outcome is Outcome.FAIL


def test_a_405_without_allow_fails() -> None:
    odd = _case("a", 405, method="PATCH", scenario="unspecified_http_method")

    found = _findings(odd)["api.method-not-allowed-names-methods"]
    assert (found.outcome, found.subject, found.reason) == (Outcome.FAIL, "target", "allow-missing")


def test_a_405_whose_allow_leaves_out_a_declared_method_fails() -> None:
    odd = _case("a", 405, method="PATCH", scenario="unspecified_http_method", allow="GET")

    assert _findings(odd)["api.method-not-allowed-names-methods"].outcome is Outcome.FAIL


def test_a_405_that_names_the_methods_passes() -> None:
    odd = _case("a", 405, method="PATCH", scenario="unspecified_http_method", allow="GET, PUT")

    assert _findings(odd)["api.method-not-allowed-names-methods"].outcome is Outcome.PASS


def test_a_connection_that_broke_off_is_inconclusive_although_other_answers_came() -> None:
    trouble = ToolTrouble(label="PUT /items/{id}", kind="ConnectionError", message="reset")

    found = _findings(_case("a", 200), troubles=[trouble])

    assert found["errors.no-server-errors"].reason == "connection-lost"


def test_an_operation_without_any_case_is_inconclusive() -> None:
    found = _findings()

    assert {item.reason for item in found.values()} == {"not-reached"}


def test_operations_that_all_answer_404_are_one_fault_and_none_of_theirs() -> None:
    operations = [
        Operation(method="GET", path=path, responses={"200": ("application/json",)})
        for path in ("/items", "/jobs", "/items/{id}")
    ]
    tally = Tally(Operations(operations))
    for each in operations:
        case = replace(
            _case(each.path, 404, failing=("status_code_conformance",), method="GET"),
            label=each.subject,
            path=each.path,
        )
        tally.read(Scenario(label=each.subject, phase="coverage", cases=(case,)))

    found = list(tally.findings(has_identity=False, describe=_SILENT))

    assert {item.outcome for item in found} == {Outcome.INCONCLUSIVE}
    assert {item.reason for item in found} == {"address-wrong"}
