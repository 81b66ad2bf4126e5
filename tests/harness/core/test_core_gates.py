"""The gates of a run survive the trip to run.json and back, member by member."""

from typing import Any

from harness.core.gates import Baseline, Gates, Ratchet, gates_from_json, gates_to_json

GATES = Gates(
    fail_under={"security": 5.0},
    min_level="mature",
    fail_on_inconclusive=True,
    fail_on_severity="high",
    expected_failures={"a.one t": "known"},
    expired={"a.two t": "was known"},
    baseline=Baseline(run="r0", target="shop", rubric_hash="h", passed=(("a.one", "t"), ("a.two", "u"))),
    ratchet=Ratchet(target="shop", rubric_hash="g", floors={"security": 4.5}),
)
RECORD: dict[str, Any] = {
    "fail_under": {"security": 5.0},
    "min_level": "mature",
    "fail_on_inconclusive": True,
    "fail_on_severity": "high",
    "expected_failures": {"a.one t": "known"},
    "expired": {"a.two t": "was known"},
    "baseline": {
        "run": "r0",
        "target": "shop",
        "rubric_hash": "h",
        "passed": [["a.one", "t"], ["a.two", "u"]],
    },
    "ratchet": {"target": "shop", "rubric_hash": "g", "floors": {"security": 4.5}},
}


def test_gates_are_written_with_all_their_members() -> None:
    assert gates_to_json(GATES) == RECORD


def test_gates_are_read_with_all_their_members() -> None:
    assert gates_from_json(RECORD) == GATES


def test_gates_that_are_not_set_are_left_out_where_they_are_optional() -> None:
    record = gates_to_json(Gates())

    assert record == {
        "fail_under": {},
        "min_level": "",
        "fail_on_inconclusive": False,
        "expected_failures": {},
    }
    assert gates_from_json(record) == gates_from_json({}) == Gates()
