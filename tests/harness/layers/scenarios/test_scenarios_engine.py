"""The scenarios engine passes findings on as they arise and says truly how the session ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.core.plan import Plan, PlannedSubject, SkipReason
from harness.core.target import Consent, Target
from harness.layers.scenarios.engine import ENGINE, ScenariosEngine
from harness.plan.engine import Assignment, Completion, LayerReport
from harness.target.canary_service import canary_service
from harness.target.instance import Instance

HEAD = "import pytest\nfrom harness.layers.scenarios.expect import expect_status\n"
GOOD = """
@pytest.mark.requirement("a.good")
def test_good(client):
    expect_status(client.get("/items/1"), 200)
"""
BAD = """
@pytest.mark.requirement("a.bad")
def test_bad(client):
    expect_status(client.get("/items/1"), 418)
"""


@dataclass(slots=True)
class Ran:
    report: LayerReport
    findings: list[Finding] = field(default_factory=list)

    def outcomes(self) -> Mapping[str, Outcome]:
        return {each.requirement: each.outcome for each in self.findings}


Run = Callable[..., Ran]


def planned(*requirements: str, skip: SkipReason | None = None) -> Plan:
    return Plan(
        depth=Depth.QUICK,
        seed=1,
        layers=(Layer.SCENARIOS,),
        is_partial=False,
        subjects=tuple(
            PlannedSubject(requirement=each, subject="target", skip=skip) for each in requirements
        ),
        capabilities={},
        producers={},
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a pack of one's own on an address."""

    def run(
        source: str,
        plan: Plan,
        *,
        url: str = "http://127.0.0.1:9",
        seconds: float = 30.0,
        beside: str = "",
    ) -> Ran:
        pack = tmp_path / "pack"
        pack.mkdir()
        (pack / "test_beside.py").write_text(HEAD + beside)
        (pack / "test_pack.py").write_text(HEAD + source)
        (tmp_path / "scratch").mkdir()
        recorded = tmp_path / "exchanges.ndjson"
        recorded.touch()
        ran = Ran(report=LayerReport(completion=Completion.SKIPPED))

        def emit(finding: Finding) -> None:
            ran.findings.append(finding)

        target = Target(name="t", base_url=url, consent=Consent(writes=True))
        assignment = Assignment(
            layer=Layer.SCENARIOS,
            instance=Instance(
                target=target,
                base_url=url,
                direct_url=url,
                operations=Operations(()),
                openapi_document=None,
                openapi_path=None,
            ),
            plan=plan,
            depth=plan.depth,
            seed=1,
            seconds=seconds,
            scratch=tmp_path / "scratch",
            logs=tmp_path,
            emit=emit,
            attach=lambda _data, _kind: "",
            progress=lambda _line: None,
            exchanges=recorded,
        )
        engine = ScenariosEngine([pack])
        ran.report = engine.run(assignment)
        return ran

    return run


def test_findings_of_a_session_are_emitted_and_it_is_complete(run: Run, tmp_path: Path) -> None:
    with canary_service("good", tmp_path) as url:
        ran = run(GOOD + BAD, planned("a.good", "a.bad"), url=url)

    assert ran.outcomes() == {"a.good": Outcome.PASS, "a.bad": Outcome.FAIL}
    assert ran.report.completion is Completion.COMPLETED
    assert ran.report.counts == {"collected": 2, "ran": 2, "errors": 0}


def test_only_what_the_plan_left_open_is_run(run: Run, tmp_path: Path) -> None:
    with canary_service("good", tmp_path) as url:
        ran = run(GOOD + BAD, planned("a.good"), url=url)

    assert ran.outcomes() == {"a.good": Outcome.PASS}


def test_a_file_without_anything_of_the_plan_is_not_read(run: Run, tmp_path: Path) -> None:
    with canary_service("good", tmp_path) as url:
        ran = run(GOOD, planned("a.good"), url=url, beside=BAD + "import no_such_module\n")

    assert ran.outcomes() == {"a.good": Outcome.PASS}
    assert ran.report.counts == {"collected": 1, "ran": 1, "errors": 0}


def test_a_plan_that_leaves_nothing_open_means_that_nothing_ran(run: Run) -> None:
    ran = run(GOOD, planned("a.good", skip=SkipReason.EXEMPT))

    assert ran.report.completion is Completion.NOTHING_RAN
    assert not ran.findings


def test_a_pack_without_scenarios_means_that_nothing_ran(run: Run) -> None:
    assert run("", planned("a.good")).report.completion is Completion.NOTHING_RAN


def test_a_pack_that_cannot_be_imported_is_a_crash(run: Run) -> None:
    ran = run(GOOD + "import no_such_module\n", planned("a.good"))

    assert ran.report.completion is Completion.CRASHED
    assert not ran.findings


def test_a_process_that_dies_is_a_crash_and_what_was_found_before_stays(run: Run, tmp_path: Path) -> None:
    dying = (
        GOOD + '\n@pytest.mark.requirement("a.dying")\ndef test_dying():\n    import os\n    os._exit(0)\n'
    )
    with canary_service("good", tmp_path) as url:
        ran = run(dying, planned("a.good", "a.dying"), url=url)

    assert ran.report.completion is Completion.CRASHED
    assert ran.outcomes() == {"a.good": Outcome.PASS}


def test_a_session_that_does_not_end_in_time_is_stopped(run: Run) -> None:
    endless = (
        '@pytest.mark.requirement("a.endless")\ndef test_endless():\n'
        "    import signal\n    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    signal.pause()\n"
    )

    ran = run(endless, planned("a.endless"), seconds=2.0)

    assert ran.report.completion is Completion.TIMED_OUT


def test_an_interrupted_session_is_not_complete(run: Run) -> None:
    source = '@pytest.mark.requirement("a.good")\ndef test_x():\n    raise KeyboardInterrupt\n'

    assert run(source, planned("a.good")).report.completion is Completion.INTERRUPTED


def test_what_is_required_is_read_from_the_marks_without_importing_the_pack(tmp_path: Path) -> None:
    (tmp_path / "test_pack.py").write_text(f"{HEAD}{GOOD}\nimport no_such_module\nraise SystemExit\n")

    assert ScenariosEngine([tmp_path]).produces("portable") == {"a.good"}


def test_the_portable_profile_asks_for_nothing_that_only_core_targets_promise() -> None:
    portable, core = ENGINE.produces("portable"), ENGINE.produces("core")

    assert portable < core
    assert "auth.jwt-algorithm-pinned" in core - portable


def test_the_canary_tells_a_good_service_from_a_bad_one(tmp_path: Path) -> None:
    assert ENGINE.canary(tmp_path).told_apart
