"""The plug-in turns what happens in a scenario into the right finding, whatever happens."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.layer import Depth
from harness.core.plan import CapabilityState
from harness.layers.scenarios.context import Credentials, ScenarioContext, write_context

HEAD = """
import httpx, pytest
from harness.pytest_plugin import Inconclusive, NotApplicable
requirement = pytest.mark.requirement
"""
CONTEXT = ScenarioContext(
    target="t",
    base_url="http://127.0.0.1:9",
    direct_url="http://127.0.0.1:9",
    is_launched=True,
    may_write=True,
)

Run = Callable[..., tuple[Sequence[Mapping[str, Any]], Mapping[str, Any], str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a pack file of one's own and returns its findings, the end line and the terminal's text."""

    def run(
        source: str, context: ScenarioContext = CONTEXT, *arguments: str
    ) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any], str]:
        pack = tmp_path / "pack"
        pack.mkdir()
        (pack / "test_pack.py").write_text(HEAD + source)
        (pack / "pytest.ini").write_text("[pytest]\nstrict_markers = true\n")
        write_context(context, tmp_path / "context.json")
        findings = tmp_path / "findings.ndjson"
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
                *("-p", "no:cacheprovider", "-rA", "--import-mode=importlib"),
                *("-c", str(pack / "pytest.ini")),
                *("--findings", str(findings), "--harness-context", str(tmp_path / "context.json")),
                *arguments,
                str(pack),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [json.loads(line) for line in findings.read_text().splitlines()]
        assert lines, ended.stdout + ended.stderr
        return lines[:-1], lines[-1], ended.stdout

    return run


def cells(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["requirement"], each["subject"], each["outcome"]) for each in findings]


def test_a_scenario_that_returns_passes_with_its_docstring_as_the_expectation(run: Run) -> None:
    findings, end, _ = run('@requirement("a.b")\ndef test_x():\n    """All is well.\n\n    More."""\n')

    assert cells(findings) == [("a.b", "target", "pass")]
    assert findings[0]["expected"] == "All is well."
    assert (end["schema"], end["ran"], end["exit_code"]) == ("scenarios-end/1", 1, 0)


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        ("assert 1 == 2, 'seen this'", "fail", "not-as-expected"),
        ("raise RuntimeError('seen this')", "error", "scenario-crashed"),
        ("raise httpx.ReadTimeout('seen this')", "inconclusive", "no-answer"),
        ("raise Inconclusive('no-listener', 'seen this')", "inconclusive", "no-listener"),
        ("raise NotApplicable('graphql', 'seen this')", "not-applicable", "no-graphql"),
        ("pytest.skip('seen this')", "inconclusive", "skipped-without-reason-code"),
    ],
)
def test_what_a_scenario_raises_decides_its_outcome(run: Run, body: str, outcome: str, reason: str) -> None:
    findings, _, _ = run(f'@requirement("a.b")\ndef test_x():\n    {body}\n')

    assert [(each["outcome"], each["reason"]) for each in findings] == [(outcome, reason)]
    assert "seen this" in findings[0]["seen"]


def test_an_assertion_in_the_set_up_is_an_error_and_not_the_targets_fault(run: Run) -> None:
    source = """
@pytest.fixture
def broken():
    assert False, "no listener"

@requirement("a.b", "one", "two")
def test_x(broken): ...
"""
    findings, _, _ = run(source)

    assert cells(findings) == [("a.b", "one", "error"), ("a.b", "two", "error")]
    assert findings[0]["reason"] == "set-up-failed"


def test_a_failing_tear_down_stands_beside_the_pass(run: Run) -> None:
    source = """
@pytest.fixture
def leaky():
    yield
    raise RuntimeError("left behind")

@requirement("a.b")
def test_x(leaky): ...
"""
    findings, _, _ = run(source)

    assert [each["outcome"] for each in findings] == ["pass", "error"]


def test_subjects_judged_one_by_one_each_get_a_finding_and_the_scenario_goes_on(run: Run) -> None:
    source = """
@requirement("a.b", "one", "two", "three", "four")
def test_x(judged):
    with judged("one"):
        assert False, "first is bad"
    with judged("two"):
        pass
    with judged("three"):
        raise KeyError("k")
"""
    findings, _, output = run(source)

    assert set(cells(findings)) == {
        ("a.b", "one", "fail"),
        ("a.b", "two", "pass"),
        ("a.b", "three", "error"),
        ("a.b", "four", "inconclusive"),
    }
    assert "one: fail: first is bad" in output


def test_what_fails_between_subjects_falls_on_those_not_yet_judged(run: Run) -> None:
    source = """
@requirement("a.b", "one", "two")
def test_x(judged):
    with judged("one"):
        pass
    raise OSError("gone")
"""
    findings, _, _ = run(source)

    assert cells(findings) == [("a.b", "one", "pass"), ("a.b", "two", "error")]


def test_subjects_named_by_the_plan_alone_are_judged_where_the_scenario_cannot_say_them(run: Run) -> None:
    context = replace(CONTEXT, planned={"a.b": ("GET /x", "GET /y")})

    findings, _, _ = run('@requirement("a.b")\ndef test_x(judged):\n    raise OSError("gone")\n', context)

    assert cells(findings) == [("a.b", "GET /x", "error"), ("a.b", "GET /y", "error")]


def test_writes_without_consent_never_run_and_count_only_where_nothing_else_judged(run: Run) -> None:
    source = """
@requirement("a.b", "one", "two")
@pytest.mark.writes
def test_writing(client):
    raise SystemExit("was run")

@requirement("a.b", "one")
def test_reading(): ...
"""
    findings, _, _ = run(source, replace(CONTEXT, may_write=False))

    assert cells(findings) == [("a.b", "one", "pass"), ("a.b", "two", "inconclusive")]
    assert findings[1]["reason"] == "no-consent-writes"


def test_faults_without_consent_never_run(run: Run) -> None:
    findings, _, _ = run('@requirement("a.b")\n@pytest.mark.faults\ndef test_x():\n    raise SystemExit\n')

    assert [each["reason"] for each in findings] == ["no-consent-faults"]


def test_an_absent_capability_makes_it_not_applicable_and_a_broken_one_does_not(run: Run) -> None:
    source = """
@requirement("a.b")
@pytest.mark.needs("graphql")
def test_x(): ...

@requirement("a.c")
@pytest.mark.needs("mcp")
def test_y(): ...
"""
    capabilities = {"graphql": CapabilityState.ABSENT, "mcp": CapabilityState.BROKEN}

    findings, _, _ = run(source, replace(CONTEXT, capabilities=capabilities))

    assert cells(findings) == [("a.c", "target", "pass"), ("a.b", "target", "not-applicable")]


def test_a_deeper_scenario_is_left_out_and_says_so_where_nothing_else_judged(run: Run) -> None:
    source = """
@requirement("a.b")
def test_shallow(): ...

@requirement("a.b")
@pytest.mark.depth("standard")
def test_deep():
    assert False

@requirement("a.c")
@pytest.mark.depth("full")
def test_deepest():
    assert False
"""
    findings, _, _ = run(source, replace(CONTEXT, depth=Depth.QUICK))

    assert cells(findings) == [("a.b", "target", "pass"), ("a.c", "target", "inconclusive")]
    assert findings[1]["reason"] == "depth-not-reached"


def test_a_requirement_that_is_not_planned_is_not_run(run: Run) -> None:
    source = """
@requirement("a.b")
def test_x(): ...

@requirement("a.c")
def test_y():
    assert False
"""
    findings, end, _ = run(source, replace(CONTEXT, planned={"a.b": ("target",)}))

    assert cells(findings) == [("a.b", "target", "pass")]
    assert (end["collected"], end["ran"]) == (2, 1)


def test_a_pack_file_that_cannot_be_read_is_counted(run: Run) -> None:
    _, end, _ = run("import no_such_module\n")

    assert (end["errors"], end["ran"]) == (1, 0)


def test_a_finding_repeats_with_a_curl_line_that_holds_no_secret(run: Run) -> None:
    source = """
@requirement("a.b")
def test_x(as_identity):
    try:
        as_identity("alice").post("/login", json={"password": "correct horse battery"})
    except httpx.ConnectError:
        assert False, "sent Bearer tok-4711-secret"
"""
    session = Credentials(name="alice", headers={"Authorization": "Bearer tok-4711-secret"})

    findings, _, _ = run(source, replace(CONTEXT, sessions={"alice": session}))

    (finding,) = findings
    assert 'curl -sS -i -X POST "$TARGET"/login' in finding["reproduction"]
    assert '-H "authorization: Bearer $TOKEN"' in finding["reproduction"]
    assert 'pytest scenarios/pack/test_pack.py::test_x --target "$TARGET"' in finding["reproduction"]
    assert "4711" not in json.dumps(findings)
    assert "correct horse" not in json.dumps(findings)
    assert finding["step"] == "pack/test_pack.py::test_x"


def test_an_identity_that_nobody_signed_in_is_inconclusive(run: Run) -> None:
    findings, _, _ = run('@requirement("a.b")\ndef test_x(as_identity):\n    as_identity("bob")\n')

    assert [each["reason"] for each in findings] == ["no-identity"]


def test_a_target_without_control_leaves_what_needs_it_inconclusive(run: Run) -> None:
    findings, _, _ = run('@requirement("a.b")\ndef test_x(control): ...\n')

    assert [(each["outcome"], each["reason"]) for each in findings] == [("inconclusive", "no-control")]


def test_an_interrupted_session_says_so_in_its_last_line(run: Run) -> None:
    source = '@requirement("a.b")\ndef test_x():\n    raise KeyboardInterrupt\n'

    findings, end, _ = run(source)

    assert end["exit_code"] == 2
    assert "pass" not in {each["outcome"] for each in findings}


def test_scenarios_without_a_target_are_refused_with_the_flag_to_give(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(f'{HEAD}\n@requirement("a.b")\ndef test_x(): ...\n')

    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
            *("-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 4
    assert "--target" in ended.stderr + ended.stdout


FLAKY = """
import itertools
runs = itertools.count(1)

@requirement("a.b", "one", "two", "three")
def test_x(judged):
    run = next(runs)
    with judged("one"):
        assert run > 1, "only the first time"
    with judged("two"):
        assert False, f"run {run}"
    with judged("three"):
        assert run == 1, "only the second time"
"""


def test_a_fail_that_a_second_attempt_does_not_show_is_inconclusive_and_says_both(run: Run) -> None:
    findings, _, _ = run(FLAKY)

    one = next(each for each in findings if each["subject"] == "one")
    assert (one["outcome"], one["reason"], one["attempts"]) == ("inconclusive", "not-reproduced", 2)
    assert "only the first time" in one["seen"]
    assert "Again: pass" in one["seen"]


def test_a_fail_that_is_seen_twice_stands_and_only_failing_subjects_count_again(run: Run) -> None:
    findings, end, _ = run(FLAKY)

    two = [each for each in findings if each["subject"] == "two"]
    three = [each for each in findings if each["subject"] == "three"]
    assert [(each["outcome"], each["attempts"]) for each in two] == [("fail", 2)]
    assert "run 2" in two[0]["seen"]
    assert [each["outcome"] for each in three] == ["pass"]
    assert end["ran"] == 1


def test_the_second_attempt_gets_fresh_fixtures(run: Run) -> None:
    source = """
@pytest.fixture
def box():
    return []

@requirement("a.b")
def test_x(box):
    box.append(1)
    assert len(box) == 2, f"{len(box)} in the box"
"""
    findings, _, _ = run(source)

    assert [(each["outcome"], each["attempts"]) for each in findings] == [("fail", 2)]
    assert "1 in the box" in findings[0]["seen"]


def test_a_second_attempt_that_does_not_come_so_far_proves_nothing(run: Run) -> None:
    source = """
import itertools
runs = itertools.count(1)

@requirement("a.b", "one")
def test_x(judged):
    if next(runs) == 2:
        raise Inconclusive("no-listener", "gone")
    with judged("one"):
        assert False, "bad"
"""
    findings, _, _ = run(source)

    assert [(each["outcome"], each["reason"]) for each in findings] == [("inconclusive", "not-reproduced")]
