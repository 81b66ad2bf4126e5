"""The real Schemathesis on a tiny service, right and wrong."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.spawn import ToolEnd
from harness.core.target import Consent, Process, Target
from harness.layers.fuzz import engine
from harness.layers.fuzz.engine import ENGINE
from harness.layers.fuzz.tool import Effort
from harness.plan.engine import Completion, LayerReport
from harness.target.instance import Session
from tests.harness.layers.assigning import LAUNCHED, Emitted, assign, instance_of
from tests.targets.hanging import HangingServer
from tests.targets.items_api import TOKEN, ItemsServer, document

#: One pass over everything, the same every time; what the phases that repeat would add takes their budget.
COVERAGE = (Effort(name="coverage", seconds=60, phases=("coverage",), shares_time=False),)

WRITES = Consent(writes=True)
ALICE = Session(name="alice", role="user", headers={"Authorization": f"Bearer {TOKEN}"})
OPERATIONS = ("GET /health", "POST /items", "GET /items/{id}", "GET /secrets")


def _fuzz(
    folder: Path,
    url: str,
    *,
    consent: Consent = WRITES,
    processes: tuple[Process, ...] = LAUNCHED,
    never: tuple[str, ...] = (),
    content: Mapping[str, Any] | None = None,
    efforts: tuple[Effort, ...] = COVERAGE,
) -> tuple[LayerReport, Emitted]:
    target = Target(name="items", base_url=url, processes=processes, consent=consent, never=never)
    emitted = Emitted()
    cells = [(name, subject) for name in ENGINE.produces("portable") for subject in (*OPERATIONS, "target")]
    instance = instance_of(target, url, content or document(), sessions=[ALICE])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "openapi_efforts", lambda _depth, _seconds, **_operations: efforts)
        report = ENGINE.run(assign(Layer.FUZZ, instance, emitted, folder, planned=cells))
    return report, emitted


@contextmanager
def _fuzzed(
    factory: pytest.TempPathFactory, *faults: str
) -> Iterator[tuple[LayerReport, Emitted, ItemsServer]]:
    with ItemsServer(0, frozenset(faults)) as server:
        report, emitted = _fuzz(factory.mktemp("fuzz"), server.url)
        yield report, emitted, server


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LayerReport, Emitted, ItemsServer]]:
    with _fuzzed(tmp_path_factory) as result:
        yield result


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LayerReport, Emitted, ItemsServer]]:
    with _fuzzed(
        tmp_path_factory, "server-error", "wrong-schema", "accepts-invalid", "ignores-auth", "no-allow"
    ) as result:
        yield result


def test_a_service_that_keeps_its_document_fails_nothing(
    good: tuple[LayerReport, Emitted, ItemsServer],
) -> None:
    report, emitted, _ = good

    assert report.completion is Completion.COMPLETED
    assert emitted.failed() == set()


def test_a_service_that_keeps_its_document_passes_where_checks_really_applied(
    good: tuple[LayerReport, Emitted, ItemsServer],
) -> None:
    _, emitted, _ = good

    assert set(emitted.of("errors.no-server-errors")) == set(OPERATIONS)
    assert emitted.of("errors.invalid-input-refused")["POST /items"].outcome is Outcome.PASS
    assert emitted.of("errors.invalid-input-refused")["GET /health"].outcome is Outcome.INCONCLUSIVE
    assert set(emitted.of("security.authentication-enforced")) == {"GET /secrets"}
    assert emitted.of("api.method-not-allowed-names-methods")["target"].outcome is Outcome.PASS


def test_a_service_with_five_faults_is_found_out_on_all_of_them(
    bad: tuple[LayerReport, Emitted, ItemsServer],
) -> None:
    _, emitted, _ = bad

    assert {
        ("errors.no-server-errors", "POST /items"),
        ("api.responses-match-schema", "POST /items"),
        ("api.responses-match-schema", "GET /items/{id}"),
        ("errors.invalid-input-refused", "POST /items"),
        ("security.authentication-enforced", "GET /secrets"),
        ("api.method-not-allowed-names-methods", "target"),
    } <= emitted.failed()
    assert ("errors.no-server-errors", "GET /health") not in emitted.failed()


def test_an_error_that_came_once_is_inconclusive_and_not_a_fail(tmp_path: Path) -> None:
    with ItemsServer(0, frozenset({"hiccup"})) as server:
        _, emitted = _fuzz(tmp_path, server.url)

    finding = emitted.of("errors.no-server-errors")["GET /health"]
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "not-reproduced")
    assert "answer 500" in finding.seen
    assert "Again: answer 200" in finding.seen


@pytest.mark.parametrize(
    ("fault", "cells"),
    [
        (
            "undocumented-status",  # it is the answer to valid names
            {("api.status-codes-documented", "POST /items"), ("api.valid-requests-accepted", "POST /items")},
        ),
        (
            "wrong-content-type",
            {
                ("api.content-types-documented", "POST /items"),
                ("api.content-types-documented", "GET /items/{id}"),
                ("api.content-types-documented", "GET /secrets"),
            },
        ),
        ("refuses-valid", {("api.valid-requests-accepted", "POST /items")}),
    ],
)
def test_a_fault_of_the_document_is_found_out_and_nothing_else(
    tmp_path: Path, fault: str, cells: set[tuple[str, str]]
) -> None:
    with ItemsServer(0, frozenset({fault})) as server:
        _, emitted = _fuzz(tmp_path, server.url)

    assert emitted.failed() == cells


def test_a_failure_comes_with_a_shell_line_that_holds_no_credential(
    bad: tuple[LayerReport, Emitted, ItemsServer],
) -> None:
    _, emitted, _ = bad

    line = emitted.of("errors.no-server-errors")["POST /items"].reproduction
    assert line.startswith("curl ")
    assert '"$TARGET"/items' in line
    assert '"Authorization: $AUTHORIZATION"' in line
    assert all(TOKEN not in str(finding) for finding in emitted.findings)


def test_without_consent_only_reading_requests_are_sent(tmp_path: Path) -> None:
    with ItemsServer(0, frozenset()) as server:
        _, emitted = _fuzz(tmp_path, server.url, consent=Consent())

        assert {method for method, _ in server.requests} <= {"GET", "HEAD", "OPTIONS"}
    unsent = emitted.of("api.responses-match-schema")["POST /items"]
    assert (unsent.outcome, unsent.reason) == (Outcome.INCONCLUSIVE, "no-consent-writes")


@pytest.mark.parametrize("never", ["POST /items", "/items*"])
def test_an_operation_that_is_never_to_be_sent_is_not_sent(tmp_path: Path, never: str) -> None:
    with ItemsServer(0, frozenset()) as server:
        _, emitted = _fuzz(tmp_path, server.url, never=(never,))

        assert ("POST", "/items") not in server.requests
    assert not any(finding.subject == "POST /items" for finding in emitted.findings)


def test_on_a_target_that_is_not_ours_a_delete_needs_to_be_named(tmp_path: Path) -> None:
    content = document()
    content["paths"]["/items/{id}"]["delete"] = content["paths"]["/items/{id}"]["get"]
    with ItemsServer(0, frozenset()) as server:
        _fuzz(tmp_path, server.url, content=content, processes=())

        assert not any(method == "DELETE" and "/items/" in path for method, path in server.requests)


def test_a_failing_case_is_found_again_among_the_recorded_exchanges(tmp_path: Path) -> None:
    with ItemsServer(0, frozenset({"wrong-schema"})) as server:
        server.exchanges = tmp_path / "exchanges.ndjson"
        _, emitted = _fuzz(tmp_path, server.url)

    failed = emitted.of("api.responses-match-schema")["GET /items/{id}"]
    recorded = [json.loads(line) for line in server.exchanges.read_text(encoding="utf-8").splitlines()]
    (exchange,) = [item for item in recorded if item["id"] in failed.exchanges]
    assert exchange["request"]["target"].startswith("/items/")


def test_a_document_that_the_tool_cannot_read_is_a_crash_and_no_finding(tmp_path: Path) -> None:
    with ItemsServer(0, frozenset()) as server:
        report, emitted = _fuzz(tmp_path, server.url, content={"openapi": "3.1.0", "paths": 7})

    assert report.completion is Completion.CRASHED
    assert all(finding.outcome is Outcome.INCONCLUSIVE for finding in emitted.findings)


def test_a_document_without_operations_means_that_nothing_ran(tmp_path: Path) -> None:
    empty = {"openapi": "3.1.0", "info": {"title": "Nothing", "version": "1"}, "paths": {}}
    with ItemsServer(0, frozenset()) as server:
        report, emitted = _fuzz(tmp_path, server.url, content=empty)

    assert report.completion in {Completion.NOTHING_RAN, Completion.CRASHED}
    assert emitted.findings == []


def test_a_target_that_never_answers_times_the_layer_out(tmp_path: Path) -> None:
    hurried = (replace(COVERAGE[0], seconds=4),)
    with HangingServer() as server:
        report, emitted = _fuzz(tmp_path, server.url, efforts=hurried)

    assert report.completion is Completion.TIMED_OUT
    assert not any(finding.outcome is Outcome.PASS for finding in emitted.findings)


def test_a_target_that_declares_nothing_means_that_nothing_ran(tmp_path: Path) -> None:
    target = Target(name="bare", base_url="http://127.0.0.1:9")
    instance = instance_of(target, "http://127.0.0.1:9")

    report = ENGINE.run(assign(Layer.FUZZ, instance, Emitted(), tmp_path, planned=()))

    assert report.completion is Completion.NOTHING_RAN


def test_the_canary_tells_the_good_service_from_the_bad_one(tmp_path: Path) -> None:
    verdict = ENGINE.canary(tmp_path)

    assert verdict.told_apart, verdict.detail


BOTH = (*COVERAGE, Effort(name="fuzzing", seconds=2, phases=("fuzzing",), examples=3))


@pytest.mark.parametrize("processes", [LAUNCHED, ()], ids=["launched", "deployment"])
def test_both_runs_of_the_tool_are_counted(tmp_path: Path, processes: tuple[Process, ...]) -> None:
    with ItemsServer(0, frozenset({"server-error"})) as server:
        report, emitted = _fuzz(tmp_path, server.url, processes=processes, efforts=BOTH)

    assert report.completion is Completion.COMPLETED
    assert ("errors.no-server-errors", "POST /items") in emitted.failed()


@pytest.mark.parametrize(("processes", "at_once"), [(LAUNCHED, 2), ((), 1)], ids=["launched", "deployment"])
def test_only_a_target_of_our_own_is_run_on_by_two_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: tuple[Process, ...], at_once: int
) -> None:
    """Each run waits for as many as there may be, so one too few would wait for ever."""
    barrier = threading.Barrier(at_once)
    monkeypatch.setattr(engine, "run", lambda *_args, **_names: _waited(barrier, tmp_path))

    report, _ = _fuzz(tmp_path, "http://127.0.0.1:9", processes=processes, efforts=BOTH)

    assert not barrier.broken
    assert report.completion is Completion.CRASHED


def _waited(barrier: threading.Barrier, folder: Path) -> tuple[Path, ToolEnd]:
    barrier.wait(10)
    return folder / "no-report.ndjson", ToolEnd(exit_code=1, timed_out=False, interrupted=False, seconds=0.1)
