"""The JSON that is written to disk, member by member: other programs read it, and so do later versions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.exchange import Exchange, Protocol, Request, Response, exchange_from_json, exchange_to_json
from harness.core.finding import Finding, Measurement, finding_from_json, finding_to_json, fingerprint
from harness.core.layer import Layer
from harness.core.operation import Operation, operation_from_json, operation_to_json
from harness.core.outcome import Outcome
from harness.core.plan import Capability, CapabilityState, PlannedSubject, SkipReason
from harness.core.run import Gates, LayerRecord, RunRecord, run_from_json, run_to_json

FINDING = Finding(
    requirement="auth.safe",
    subject="GET /a",
    outcome=Outcome.FAIL,
    reason="status-500",
    layer=Layer.FUZZ,
    producer="schemathesis",
    expected="no 5xx",
    seen="a 500",
    exchanges=("fuzz-1", "fuzz-2"),
    measurements={
        "p95_ms": Measurement(value=5.0, low=4.0, high=6.0, limit=3.0, samples=20),
        "errors": Measurement(value=0.0, low=0.0, high=0.1),
    },
    attempts=3,
    reproduction="curl -i http://a/a",
    attachments=("abc",),
)
FINDING_JSON = {
    "schema": "finding/1",
    "fingerprint": fingerprint("auth.safe", "GET /a", "shop"),
    "requirement": "auth.safe",
    "subject": "GET /a",
    "outcome": "fail",
    "reason": "status-500",
    "layer": "fuzz",
    "producer": "schemathesis",
    "expected": "no 5xx",
    "seen": "a 500",
    "exchanges": ["fuzz-1", "fuzz-2"],
    "measurements": {
        "errors": {"value": 0.0, "low": 0.0, "high": 0.1, "limit": None, "samples": 0},
        "p95_ms": {"value": 5.0, "low": 4.0, "high": 6.0, "limit": 3.0, "samples": 20},
    },
    "attempts": 3,
    "reproduction": "curl -i http://a/a",
    "attachments": ["abc"],
}


def test_a_finding_is_written_with_all_its_members() -> None:
    record = finding_to_json(FINDING, target="shop")

    assert record == FINDING_JSON
    assert list(record["measurements"]) == ["errors", "p95_ms"]


def test_a_finding_is_read_with_all_its_members() -> None:
    assert finding_from_json(FINDING_JSON) == FINDING


def test_a_finding_with_the_least_members_is_read_with_the_defaults() -> None:
    least = {
        name: FINDING_JSON[name]
        for name in ("requirement", "subject", "outcome", "reason", "layer", "producer")
    }

    found = finding_from_json(least)

    assert found == Finding(
        requirement="auth.safe",
        subject="GET /a",
        outcome=Outcome.FAIL,
        reason="status-500",
        layer=Layer.FUZZ,
        producer="schemathesis",
    )


def test_a_fingerprint_is_the_same_in_every_version() -> None:
    assert fingerprint("auth.safe", "target", "shop") == "92c20924c77fc7104c04bbe11bc2fffe"


EXCHANGE = Exchange(
    id="fuzz-7",
    layer=Layer.FUZZ,
    protocol=Protocol.MCP,
    step="probe:health",
    identity="alice",
    fault_active=True,
    started="2026-01-01T00:00:00Z",
    gap="unparsed",
    notes={"proxy": "slow"},
    request=Request(
        method="POST",
        target="/a?b=1",
        headers=(("Accept", "a"), ("Accept", "b")),
        body="AP8=",
        body_is_base64=True,
        body_size=2,
        is_truncated=True,
    ),
    response=Response(status=201, elapsed=0.25, headers=(("X-A", "1"),), body="", body_size=9),
)
EXCHANGE_JSON: dict[str, Any] = {
    "id": "fuzz-7",
    "layer": "fuzz",
    "protocol": "mcp",
    "step": "probe:health",
    "identity": "alice",
    "started": "2026-01-01T00:00:00Z",
    "gap": "unparsed",
    "fault_active": True,
    "notes": {"proxy": "slow"},
    "request": {
        "method": "POST",
        "target": "/a?b=1",
        "headers": [["Accept", "a"], ["Accept", "b"]],
        "body_size": 2,
        "body": "AP8=",
        "body_is_base64": True,
        "is_truncated": True,
    },
    "response": {
        "status": 201,
        "elapsed": 0.25,
        "headers": [["X-A", "1"]],
        "body_size": 9,
        "body": "",
    },
}


def test_an_exchange_is_written_with_all_its_members() -> None:
    assert exchange_to_json(EXCHANGE) == EXCHANGE_JSON


def test_an_exchange_is_read_with_all_its_members() -> None:
    assert exchange_from_json(EXCHANGE_JSON) == EXCHANGE


def test_what_an_exchange_does_not_have_is_left_out() -> None:
    plain = Exchange(id="a", layer=Layer.PROBE, request=Request(method="GET", target="/"))

    assert exchange_to_json(plain) == {
        "id": "a",
        "layer": "probe",
        "protocol": "http",
        "request": {"method": "GET", "target": "/", "headers": [], "body_size": 0},
    }


def test_an_exchange_with_the_least_members_is_read_with_the_defaults() -> None:
    least = {
        "id": "a",
        "layer": "probe",
        "request": {"method": "GET", "target": "/"},
        "response": {"status": 204},
    }

    assert exchange_from_json(least) == Exchange(
        id="a",
        layer=Layer.PROBE,
        request=Request(method="GET", target="/"),
        response=Response(status=204),
    )


def test_an_exchange_without_an_answer_is_read_as_one() -> None:
    least = {"id": "a", "layer": "probe", "request": {"method": "GET", "target": "/"}}

    assert exchange_from_json(least).response is None


@given(name=st.text("aB-", min_size=1), value=st.text(max_size=5))
def test_a_header_is_found_whatever_case_it_is_asked_in(name: str, value: str) -> None:
    message = Response(status=200, headers=(("first", "x"), (name, value), (name.swapcase(), "second")))

    assert message.header(name.upper()) == message.header(name.lower()) == value
    assert message.all(name.swapcase()) == (value, "second")
    assert message.header(name + "x") is None
    assert message.all(name + "x") == ()


OPERATION = Operation(
    method="POST",
    path="/items",
    operation_id="addItem",
    responses={"422": ("application/problem+json",), "201": ("application/json", "text/csv")},
    request_media_types=("application/json",),
    is_secured=True,
    scopes=("items:write",),
    tags=("items",),
    takes_input=True,
    line=12,
    column=7,
)
OPERATION_JSON = {
    "method": "POST",
    "path": "/items",
    "operation_id": "addItem",
    "responses": {"201": ["application/json", "text/csv"], "422": ["application/problem+json"]},
    "request_media_types": ["application/json"],
    "is_secured": True,
    "scopes": ["items:write"],
    "tags": ["items"],
    "takes_input": True,
    "line": 12,
    "column": 7,
}


def test_an_operation_is_written_and_read_with_all_its_members() -> None:
    assert operation_to_json(OPERATION) == OPERATION_JSON
    assert list(operation_to_json(OPERATION)["responses"]) == ["201", "422"]
    assert operation_from_json(OPERATION_JSON) == OPERATION


def test_an_operation_with_the_least_members_is_read_with_the_defaults() -> None:
    assert operation_from_json({"method": "GET", "path": "/"}) == Operation(method="GET", path="/")


RUN = RunRecord(
    id="r1",
    target="shop",
    profile="core",
    base_url="http://a",
    started="s",
    finished="f",
    interrupted="i",
    depth="quick",
    seed=7,
    is_partial=True,
    rubric_version="1",
    rubric_hash="h",
    fingerprint="Shop 1",
    openapi_path="/openapi.json",
    is_launched=True,
    executor={"ci": "yes"},
    versions={"python": "3.11"},
    consent={"writes": True},
    claims={"security": {"score": 9.0}},
    capabilities={
        "health": Capability(
            id="health",
            state=CapabilityState.PRESENT,
            detail="GET /health answered 200",
            exchanges=("p-1",),
            items=("/health",),
        )
    },
    subjects=(
        PlannedSubject(requirement="a.one", subject="t"),
        PlannedSubject(requirement="a.two", subject="t", skip=SkipReason.EXEMPT, not_applicable="none"),
    ),
    producers={"b.two": ("fuzz",), "a.one": ("judges", "fuzz")},
    operations=(OPERATION,),
    path_prefix="/v1",
    openapi_attachment="sha",
    layers={
        "fuzz": LayerRecord(
            completion="completed",
            detail="d",
            canary="c",
            told_apart=True,
            exchanges=3,
            seconds=1.5,
            switches={"x": {"reached": 1}},
            looked_again=True,
        )
    },
    gates=Gates(
        fail_under={"security": 5.0},
        min_level="mature",
        fail_on_inconclusive=True,
        expected_failures={"a.one t": "known"},
    ),
    detection={"requirements": {}},
)
RUN_JSON: dict[str, Any] = {
    "schema": "run/1",
    "id": "r1",
    "target": "shop",
    "profile": "core",
    "base_url": "http://a",
    "started": "s",
    "finished": "f",
    "interrupted": "i",
    "depth": "quick",
    "seed": 7,
    "is_partial": True,
    "rubric_version": "1",
    "rubric_hash": "h",
    "fingerprint": "Shop 1",
    "openapi_path": "/openapi.json",
    "is_launched": True,
    "executor": {"ci": "yes"},
    "openapi_attachment": "sha",
    "path_prefix": "/v1",
    "versions": {"python": "3.11"},
    "consent": {"writes": True},
    "claims": {"security": {"score": 9.0}},
    "capabilities": {
        "health": {
            "state": "present",
            "detail": "GET /health answered 200",
            "exchanges": ["p-1"],
            "items": ["/health"],
        }
    },
    "subjects": [
        {"requirement": "a.one", "subject": "t"},
        {"requirement": "a.two", "subject": "t", "skip": "exempt", "not_applicable": "none"},
    ],
    "producers": {"a.one": ["judges", "fuzz"], "b.two": ["fuzz"]},
    "operations": [OPERATION_JSON],
    "layers": {
        "fuzz": {
            "completion": "completed",
            "detail": "d",
            "canary": "c",
            "told_apart": True,
            "exchanges": 3,
            "seconds": 1.5,
            "switches": {"x": {"reached": 1}},
            "looked_again": True,
        }
    },
    "gates": {
        "fail_under": {"security": 5.0},
        "min_level": "mature",
        "fail_on_inconclusive": True,
        "expected_failures": {"a.one t": "known"},
    },
    "detection": {"requirements": {}},
}


def test_a_run_is_written_with_all_its_members() -> None:
    record = run_to_json(RUN)

    assert record == RUN_JSON
    assert list(record["producers"]) == ["a.one", "b.two"]


def test_a_run_is_read_with_all_its_members() -> None:
    assert run_from_json(RUN_JSON) == RUN


def test_a_run_with_the_least_members_is_read_with_the_defaults() -> None:
    needed = (
        "id", "target", "profile", "base_url", "started", "depth", "seed", "is_partial", "rubric_version",
        "rubric_hash",
    )  # fmt: skip
    least = {name: RUN_JSON[name] for name in needed}

    assert run_from_json(least) == RunRecord(**least)
    found = run_from_json({**least, "capabilities": {"a": {"state": "absent", "detail": "no"}}})

    assert found == RunRecord(
        **least,
        capabilities={"a": Capability(id="a", state=CapabilityState.ABSENT, detail="no")},
    )


@pytest.mark.parametrize(
    ("finished", "interrupted", "is_complete"), [("f", "", True), ("", "", False), ("f", "Ctrl-C", False)]
)
def test_a_run_is_complete_once_it_ended_on_its_own(
    finished: str, interrupted: str, is_complete: bool
) -> None:
    assert run_from_json({**RUN_JSON, "finished": finished, "interrupted": interrupted}).is_complete is (
        is_complete
    )
