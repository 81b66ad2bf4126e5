"""Schemathesis' event report, read."""

import base64
import json

from harness.layers.fuzz.report import CheckStatus, Finished, Mode, Scenario, ToolTrouble, parse_lines


def _line(name: str, content: object) -> str:
    return json.dumps({name: content}) + "\n"


def _case(**members: object) -> dict[str, object]:
    value = {
        "method": "post",
        "path": "/items",
        "meta": {
            "generation": {"mode": "negative"},
            "phase": {"name": "coverage", "data": {"scenario": "incorrect_type", "description": "Odd"}},
        },
    }
    return {"value": value, **members}


def test_a_torn_last_line_is_left_out() -> None:
    lines = [_line("EngineFinished", {"stop_reason": "completed"}), '{"ScenarioFinished": {"phase": "cov']

    assert list(parse_lines(lines)) == [Finished(stop_reason="completed")]


def test_a_skipped_scenario_has_no_cases() -> None:
    line = _line("ScenarioFinished", {"phase": "fuzzing", "recorder": {"label": "GET /items"}})

    assert list(parse_lines([line])) == [Scenario(label="GET /items", phase="fuzzing", cases=())]


def test_a_case_carries_its_answer_and_its_checks() -> None:
    failure = {"code": "ST101", "title": "Server error", "message": "500", "case_id": None}
    recorder = {
        "label": "POST /items",
        "cases": {"a": _case(), "b": _case(parent_id="a")},
        "checks": {
            "a": [{"name": "not_a_server_error", "status": "failure", "failure_info": {"failure": failure}}]
        },
        "interactions": {
            "a": {
                "request": {
                    "method": "POST",
                    "uri": "http://t/items",
                    "headers": {"X": ["1"]},
                    "body": {"$base64": base64.b64encode(b"{}").decode()},
                },
                "response": {
                    "status_code": 500,
                    "headers": {"content-type": ["application/json; charset=utf-8"], "allow": ["GET", "PUT"]},
                    "content": {"$base64": "e30="},
                },
            }
        },
    }

    (scenario,) = parse_lines([_line("ScenarioFinished", {"phase": "coverage", "recorder": recorder})])

    assert isinstance(scenario, Scenario)
    first, second = scenario.cases
    assert (first.method, first.mode, first.scenario) == ("POST", Mode.NEGATIVE, "incorrect_type")
    assert (first.status, first.media_type, first.has_body, first.allow) == (
        500,
        "application/json",
        True,
        "GET, PUT",
    )
    assert first.checks[0].status is CheckStatus.FAILURE
    assert first.request is not None
    assert first.request.body == b"{}"
    assert (second.is_probe, second.status) == (True, None)


def test_what_the_tool_could_not_do_is_kept() -> None:
    line = _line(
        "NonFatalError",
        {"label": "GET /items", "value": {"type": "ConnectionError", "message": "reset"}},
    )

    assert list(parse_lines([line])) == [
        ToolTrouble(label="GET /items", kind="ConnectionError", message="reset")
    ]
