"""The real Locust with the shipped profile on a tiny service, quick, slow and failing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.errors import UsageProblem
from harness.core.layer import Depth, Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.core.resources import resource
from harness.core.target import Consent, Target
from harness.layers.load.engine import ENGINE
from harness.layers.load.judging import ERRORS, LATENCY
from harness.layers.load.neighbours import Glance
from harness.layers.load.slo import find_profile, read_profile
from harness.plan.engine import Completion, LayerReport
from harness.target.instance import Session
from tests.harness.layers.assigning import Emitted, assign, instance_of
from tests.targets.core_like import CoreLikeServer
from tests.targets.hanging import HangingServer

NAMES = {"login", "hub write", "search", "graphql", "breaker status"}
#: Ends the run 0.7 s after the warm-up.
END_EARLY = """
from gevent import spawn_later
from locust import events

events.test_start.add_listener(lambda environment, **_: spawn_later(3.7, environment.runner.quit))
"""
SECRET = Session(name="alice", role="user", headers={"Authorization": "Bearer known-secret-of-alice"})


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The shipped profile with its own limits, over in four seconds."""
    folder = tmp_path / "profile"
    folder.mkdir()
    source = resource("scenarios/load") / "reference_smoke.py"
    copy = folder / "reference_smoke.py"
    copy.write_bytes(source.read_bytes())
    limits = source.with_suffix(".toml").read_text(encoding="utf-8")
    copy.with_suffix(".toml").write_text(re.sub(r"seconds = \d+", "seconds = 4", limits), encoding="utf-8")
    return copy


def _drive(
    folder: Path,
    url: str,
    profile: Path | str,
    *,
    rps: int = 200,
    seconds: float = 60.0,
    progress: Callable[[str], None] = lambda _text: None,
) -> tuple[LayerReport, Emitted]:
    target = Target(
        name="core-like",
        base_url=url,
        profile=Profile.CORE,
        consent=Consent(load_rps=rps),
        load_profile=str(profile),
    )
    emitted = Emitted()
    planned = [(requirement, name) for requirement in ENGINE.produces("core") for name in NAMES]
    instance = instance_of(target, url, sessions=[SECRET])
    assignment = assign(Layer.LOAD, instance, emitted, folder, planned=planned, seconds=seconds)
    return ENGINE.run(replace(assignment, progress=progress)), emitted


@pytest.fixture
def machine_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests run beside this one; what they take of the machine excuses nothing here."""
    monkeypatch.setattr(Glance, "others_until", lambda _before, _later: 0.0)


def test_a_quick_service_keeps_the_shipped_objectives(tmp_path: Path, shipped: Path) -> None:
    with CoreLikeServer() as server:
        report, emitted = _drive(tmp_path, server.url, shipped)

    assert report.completion is Completion.COMPLETED
    assert {name: item.outcome for name, item in emitted.of(LATENCY).items()} == dict.fromkeys(
        NAMES, Outcome.PASS
    )
    assert emitted.failed() == set()


@pytest.mark.usefixtures("machine_of_our_own")
def test_300_ms_more_on_every_answer_break_every_shipped_latency_objective(
    tmp_path: Path, shipped: Path
) -> None:
    with CoreLikeServer(delay=0.3) as server:
        _, emitted = _drive(tmp_path, server.url, shipped)

    assert {(LATENCY, name) for name in NAMES} <= emitted.failed()


def test_an_operation_that_fails_breaks_its_error_objective_and_no_other(
    tmp_path: Path, shipped: Path
) -> None:
    with CoreLikeServer(failing=frozenset({"/api/search/web"})) as server:
        _, emitted = _drive(tmp_path, server.url, shipped)

    assert emitted.failed() == {(ERRORS, "search")}
    (first, *_) = emitted.of(ERRORS)["search"].exchanges
    recorded = [
        json.loads(line) for line in (tmp_path / "exchanges.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    (exchange,) = [item for item in recorded if item["id"] == first]
    assert (exchange["layer"], exchange["response"]["status"]) == ("load", 500)


def test_samples_of_every_name_are_kept_without_a_secret(tmp_path: Path, shipped: Path) -> None:
    with CoreLikeServer() as server:
        _drive(tmp_path, server.url, shipped)

    text = (tmp_path / "exchanges.ndjson").read_text(encoding="utf-8")
    assert {json.loads(line)["step"] for line in text.splitlines()} >= NAMES
    assert "load-token-for-tests" not in text
    assert '"password": "{{secret:' in text.replace('\\"', '"')


def test_consent_bounds_the_rate(tmp_path: Path, shipped: Path) -> None:
    with CoreLikeServer() as server:
        _drive(tmp_path, server.url, shipped, rps=10)

        measured = [path for _, path in server.asked if path != "/auth/register"]
    assert 20 <= len(measured) <= 90


def test_without_consent_to_load_nothing_is_sent(tmp_path: Path, shipped: Path) -> None:
    with CoreLikeServer() as server:
        report, emitted = _drive(tmp_path, server.url, shipped, rps=0)

        assert server.asked == []
    assert (report.completion, emitted.findings) == (Completion.SKIPPED, [])


def test_users_that_cannot_sign_in_mean_that_nothing_ran(tmp_path: Path, shipped: Path) -> None:
    with CoreLikeServer(failing=frozenset({"/auth/login"})) as server:
        report, emitted = _drive(tmp_path, server.url, shipped)

    assert report.completion is Completion.NOTHING_RAN
    assert all(finding.outcome is not Outcome.PASS for finding in emitted.findings)


def test_a_locust_file_that_does_not_load_is_a_crash(tmp_path: Path, shipped: Path) -> None:
    shipped.write_text("import nothing_of_this_name\n", encoding="utf-8")
    with CoreLikeServer() as server:
        report, emitted = _drive(tmp_path, server.url, shipped)

    assert report.completion is Completion.CRASHED
    assert emitted.findings == []


def test_a_run_that_ends_early_is_an_interrupted_one_although_locust_says_nothing(
    tmp_path: Path, shipped: Path
) -> None:
    with shipped.open("a", encoding="utf-8") as profile:
        profile.write(END_EARLY)
    with CoreLikeServer() as server:
        report, _ = _drive(tmp_path, server.url, shipped)

    assert report.completion is Completion.INTERRUPTED


def test_a_target_that_never_answers_passes_nothing(tmp_path: Path, shipped: Path) -> None:
    with HangingServer() as server:
        report, emitted = _drive(tmp_path, server.url, shipped, seconds=9.0)

    assert report.completion in {Completion.TIMED_OUT, Completion.NOTHING_RAN, Completion.INTERRUPTED}
    assert all(finding.outcome is not Outcome.PASS for finding in emitted.findings)


def test_the_shipped_profile_has_an_objective_for_every_name_and_a_volume_for_every_depth() -> None:
    profile = read_profile(find_profile(""))

    assert {objective.name for objective in profile.objectives} == NAMES
    assert set(profile.volumes) == set(Depth)


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="nowhere"):
        find_profile("nowhere")

    lonely = tmp_path / "lonely.py"
    lonely.write_text("", encoding="utf-8")
    with pytest.raises(UsageProblem, match=r"lonely\.toml"):
        read_profile(find_profile(str(lonely)))


def test_the_canary_tells_the_quick_service_from_the_slow_one(tmp_path: Path) -> None:
    verdict = ENGINE.canary(tmp_path)

    assert verdict.told_apart, verdict.detail


def test_an_objective_that_was_missed_once_is_measured_again_and_doubted(
    tmp_path: Path, shipped: Path
) -> None:
    with CoreLikeServer(failing=frozenset({"/api/search/web"})) as server:

        def mended(text: str) -> None:
            if "measuring once more" in text:
                server.failing = frozenset()

        _, emitted = _drive(tmp_path, server.url, shipped, progress=mended)

    finding = emitted.of(ERRORS)["search"]
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "not-reproduced")
