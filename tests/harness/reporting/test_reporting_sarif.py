"""findings.sarif: what SARIF 2.1.0 wants of the members used, GitHub's limits, and what is no alert."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.core.finding import fingerprint
from harness.core.gates import Gates
from harness.core.maturity import ScoredRun
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject
from harness.core.requirement import Weight
from harness.core.severity import severity_of
from harness.reporting import sarif
from harness.reporting.reading import cells, failures
from harness.scoring.assemble import assemble

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
HEADERS = {"type": "object", "additionalProperties": {"type": "string"}}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    bag = {"properties": {"type": "object"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": {**bag, **properties},
    }


LOCATION = closed(
    ["physicalLocation"],
    physicalLocation=closed(
        ["artifactLocation"],
        artifactLocation=closed(["uri"], uri={"type": "string"}, index={"type": "integer", "minimum": 0}),
        region=closed(
            [], startLine={"type": "integer", "minimum": 1}, startColumn={"type": "integer", "minimum": 1}
        ),
    ),
    logicalLocations={
        "type": "array",
        "items": closed([], fullyQualifiedName={"type": "string"}, kind={"type": "string"}),
    },
)
#: What the standard says of the members that are written (its sections 3.13 to 3.58), kept by hand.
STRUCTURE = closed(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": closed(
            ["tool"],
            tool=closed(
                ["driver"],
                driver=closed(
                    ["name"],
                    name={"type": "string"},
                    version={"type": "string"},
                    rules={
                        "type": "array",
                        "uniqueItems": True,
                        "items": closed(
                            ["id"],
                            id={"type": "string"},
                            shortDescription=TEXT,
                            fullDescription=TEXT,
                            help=TEXT,
                            defaultConfiguration=closed([], level=LEVEL),
                        ),
                    },
                ),
            ),
            automationDetails=closed([], id={"type": "string"}),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            artifacts={
                "type": "array",
                "items": closed(
                    [],
                    location={"type": "object"},
                    description=TEXT,
                    roles={"contains": {"const": "analysisTarget"}},
                ),
            },
            invocations={
                "type": "array",
                "items": closed(
                    ["executionSuccessful"],
                    executionSuccessful={"type": "boolean"},
                    exitCode={"type": "integer"},
                    exitCodeDescription={"type": "string"},
                    startTimeUtc=MOMENT,
                    endTimeUtc=MOMENT,
                    toolExecutionNotifications={
                        "type": "array",
                        "items": closed(
                            ["message"],
                            message=TEXT,
                            level=LEVEL,
                            descriptor=closed([], id={"type": "string"}),
                        ),
                    },
                ),
            },
            results={
                "type": "array",
                "items": closed(
                    ["message"],
                    ruleId={"type": "string"},
                    ruleIndex={"type": "integer", "minimum": 0},
                    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
                    level=LEVEL,
                    message=TEXT,
                    locations={"type": "array", "minItems": 1, "items": LOCATION},
                    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
                    suppressions={
                        "type": "array",
                        "items": closed(
                            ["kind"],
                            kind={"enum": ["inSource", "external"]},
                            status={"enum": ["accepted", "underReview", "rejected"]},
                            justification={"type": "string"},
                        ),
                    },
                    webRequest=closed(
                        [],
                        protocol={"type": "string"},
                        method={"type": "string"},
                        target={"type": "string"},
                        headers=HEADERS,
                        body=TEXT,
                    ),
                    webResponse=closed(
                        [],
                        protocol={"type": "string"},
                        statusCode={"type": "integer"},
                        headers=HEADERS,
                        body=TEXT,
                        noResponseReceived={"type": "boolean"},
                    ),
                ),
            },
        ),
    },
)


def run_of(scored: ScoredRun) -> dict[str, Any]:
    record = json.loads(sarif.render(scored)["findings.sarif"])
    assert [error.message for error in Draft202012Validator(STRUCTURE).iter_errors(record)] == []
    (run,) = record["runs"]
    found: dict[str, Any] = run
    return found


def with_failures(scored: ScoredRun, number: int) -> ScoredRun:
    failed = failures(scored)[-1]
    template = failed.subject.findings[0]
    subjects = [f"GET /many/{at}" for at in range(number)]
    return assemble(
        replace(
            scored.run,
            subjects=(
                *scored.run.subjects,
                *(PlannedSubject(requirement=template.requirement, subject=name) for name in subjects),
            ),
        ),
        scored.requirements,
        engine_findings=[*scored.findings, *(replace(template, subject=name) for name in subjects)],
        judge_findings=(),
        exchanges=scored.exchanges,
    )


def test_the_structure_is_what_the_standard_wants(sample: ScoredRun) -> None:
    assert run_of(sample)["results"]


def test_every_failure_is_a_result_and_nothing_else_is(sample: ScoredRun) -> None:
    results = run_of(sample)["results"]

    names = {item["partialFingerprints"]["harnessFinding/v1"] for item in results}
    assert names == {
        fingerprint(cell.requirement.id, cell.subject.subject, "reference")
        for cell in cells(sample)
        if cell.subject.outcome is Outcome.FAIL
    }
    assert {item["kind"] for item in results} == {"fail"}


def test_what_was_not_measured_is_told_as_a_notification(sample: ScoredRun) -> None:
    told = run_of(sample)["invocations"][0]["toolExecutionNotifications"]

    open_ = {cell.requirement.id for cell in cells(sample) if cell.subject.outcome is Outcome.INCONCLUSIVE}
    assert open_ <= {item["descriptor"]["id"] for item in told}


def test_a_result_names_its_rule_by_id_and_index(sample: ScoredRun) -> None:
    run = run_of(sample)

    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_worst_come_first(sample: ScoredRun) -> None:
    order = ["critical", "high", "medium", "low"]

    ranks = [order.index(item["properties"]["severity"]) for item in run_of(sample)["results"]]

    assert ranks == sorted(ranks)


def test_a_must_is_an_error_and_advice_is_not(sample: ScoredRun) -> None:
    musts = {item.id for item in sample.requirements if item.must}

    for result in run_of(sample)["results"]:
        assert (result["level"] == "error") == (result["ruleId"] in musts)


def test_only_security_rules_have_a_security_severity(sample: ScoredRun) -> None:
    rules = {rule["id"]: rule for rule in run_of(sample)["tool"]["driver"]["rules"]}

    for requirement in sample.requirements:
        if requirement.id not in rules:
            continue
        severity = rules[requirement.id]["properties"].get("security-severity")
        assert (severity is not None) == (requirement.area.value == "security")
        if requirement.weight is Weight.CRITICAL and requirement.must and severity is not None:
            assert float(severity) > 9, severity_of(requirement)


def test_a_result_points_at_the_line_of_its_operation(sample_run: Callable[..., ScoredRun]) -> None:
    scored = sample_run()
    subject = next(cell.subject.subject for cell in failures(scored) if "/" in cell.subject.subject)
    method, path = subject.split(" ", 1)
    operations = (Operation(method=method, path=path, line=41, column=7),)

    run = run_of(sample_run(operations=operations, openapi_path="/openapi.json"))

    here = [item["locations"][0] for item in run["results"] if subject in item["message"]["text"]]
    place = here[0]["physicalLocation"]
    assert place["region"] == {"startLine": 41, "startColumn": 7}
    assert place["artifactLocation"]["uri"] == run["artifacts"][0]["location"]["uri"] == "openapi.json"
    assert here[0]["logicalLocations"][0]["fullyQualifiedName"] == subject


@pytest.mark.parametrize(
    ("base_url", "openapi_path", "address"),
    [
        ("http://127.0.0.1:43121", "/openapi.json", "openapi.json"),
        ("http://127.0.0.1:43121", "", "target"),
        ("https://api.example.org:8443/v2", "/v2/openapi.yaml", "api.example.org/v2/openapi.yaml"),
        ("https://user:pw@api.example.org", "", "api.example.org"),
    ],
)
def test_locations_have_no_scheme_because_an_upload_with_one_is_refused(
    sample_run: Callable[..., ScoredRun], base_url: str, openapi_path: str, address: str
) -> None:
    scored = sample_run(base_url=base_url, openapi_path=openapi_path)

    assert sarif.document_address(scored) == address
    assert not re.match(r"[a-z+.-]+:", address)


def test_an_expected_failure_is_suppressed_with_its_reason(sample_run: Callable[..., ScoredRun]) -> None:
    cell = failures(sample_run())[0]
    gates = Gates(expected_failures={f"{cell.requirement.id} {cell.subject.subject}": "known (team)"})

    results = run_of(sample_run(gates=gates))["results"]

    excused = [item for item in results if "suppressions" in item]
    assert [item["suppressions"][0]["justification"] for item in excused] == ["known (team)"]
    assert excused[0]["ruleId"] == cell.requirement.id


def test_the_exchange_behind_a_failure_comes_along_redacted(sample: ScoredRun) -> None:
    result = run_of(sample)["results"][0]

    assert result["webRequest"]["target"] == "/items?q=%3Cb%3E"
    assert result["webRequest"]["headers"]["Authorization"] == "Bearer {{secret:bearer:0a1b2c3d}}"
    assert result["webResponse"]["statusCode"] == 500


def test_more_failures_than_github_takes_are_cut_worst_kept_and_said(
    sample: ScoredRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 30)
    scored = with_failures(sample, 40)

    run = run_of(scored)

    kept = [item["partialFingerprints"]["harnessFinding/v1"] for item in run["results"]]
    worst = failures(scored)[:30]
    assert kept == [fingerprint(cell.requirement.id, cell.subject.subject, "reference") for cell in worst]
    told = run["invocations"][0]["toolExecutionNotifications"][0]
    assert told["descriptor"]["id"] == "results-cut"
    assert str(len(failures(scored))) in told["message"]["text"]


def test_the_limits_are_githubs() -> None:
    assert (sarif.MOST_RESULTS, sarif.MOST_SHOWN) == (25_000, 5_000)


def test_more_failures_than_github_shows_are_said(sample: ScoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_SHOWN", 5)

    told = run_of(sample)["invocations"][0]["toolExecutionNotifications"][0]

    assert told["descriptor"]["id"] == "results-many"
    assert "worst first" in told["message"]["text"]
