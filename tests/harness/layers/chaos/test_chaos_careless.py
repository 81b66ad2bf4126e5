"""Each kind of experiment deviates on a service that has none of the care it looks for."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.outcome import Outcome
from harness.core.plan import Plan, PlannedSubject
from harness.core.redaction import Redactor
from harness.core.resources import resource
from harness.evidence.store import RunFolder
from harness.layers.chaos.engine import ChaosEngine
from harness.layers.chaos.experiment import load_experiments
from harness.plan.engine import Assignment, Completion
from harness.target.file import load_target
from harness.target.launcher import Launcher

CARELESS = Path(__file__).parents[3] / "targets" / "careless_core.py"
TARGET = """
name = "careless"
profile = "core"
base_url = "http://127.0.0.1:{port}"
openapi = "/openapi.json"
[launch.processes.server]
command = ["{python}", "CARELESS", "serve", "--port", "{port}", "--data-dir", "{data_dir}"]
ready = "/health/live"
[launch.processes.server.env]
REDIS_URL = "{dependencies.redis.url}"
BRAVE_URL = "{stubs.brave.url}"
[launch.processes.worker]
command = ["{python}", "CARELESS", "worker", "--data-dir", "{data_dir}"]
[dependencies.redis]
kind = "valkey"
[stubs.brave]
module = "brave"
[stubs.webhook]
module = "webhook"
[[identities]]
name = "alice"
kind = "bearer"
secret = "token-of-alice-0001"
[[identities]]
name = "operator"
kind = "bearer"
secret = "token-of-operator-1"
[consent]
writes = true
faults = true
"""
#: Probes that wait for what never comes here: a few seconds are as good as forty.
PATIENCE = {"delivered": 6.0, "readiness_names": 1.0, "metric": 1.0, "breaker_is": 1.0}


def hurried(name: str, folder: Path) -> None:
    """Copy a shipped experiment with less patience."""
    document = yaml.safe_load(resource(f"scenarios/chaos/{name}.yaml").read_text())
    for activity in document["method"]:
        if (within := PATIENCE.get(activity["provider"]["func"])) is not None:
            activity["provider"]["arguments"]["within"] = within
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))


def plan_of(folder: Path) -> Plan:
    subjects = tuple(
        PlannedSubject(requirement=judged.requirement, subject=judged.subject)
        for experiment in load_experiments(folder)
        for judged in experiment.judges
    )
    return Plan(
        depth=Depth.STANDARD,
        seed=1,
        layers=(Layer.CHAOS,),
        is_partial=False,
        subjects=subjects,
        capabilities={},
        producers={},
    )


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Finding]:
    """What the engine finds on the careless service, by requirement and subject."""
    root = tmp_path_factory.mktemp("careless")
    (root / "target.toml").write_text(TARGET.replace("CARELESS", str(CARELESS)))
    experiments, scratch = root / "experiments", root / "scratch"
    experiments.mkdir()
    scratch.mkdir()
    for name in ("brave-refuses", "redis-down", "server-killed", "worker-killed"):
        hurried(name, experiments)
    folder = RunFolder(root / "run")
    folder.logs.mkdir(parents=True, exist_ok=True)
    redactor = Redactor((), b"key of this test")
    target = load_target(str(root / "target.toml"), {"PATH": sys.prefix})
    found: list[Finding] = []
    with Launcher(target, folder=folder, redactor=redactor).launch(Layer.CHAOS) as instance:
        report = ChaosEngine(experiments).run(
            Assignment(
                layer=Layer.CHAOS,
                instance=instance,
                plan=plan_of(experiments),
                depth=Depth.STANDARD,
                seed=1,
                seconds=120.0,
                scratch=scratch,
                logs=folder.logs,
                emit=found.append,
                attach=lambda _data, _kind: "",
                progress=lambda _line: None,
                redactor=redactor,
                exchanges=folder.exchanges,
            )
        )
    assert report.completion is Completion.COMPLETED, report.detail
    assert not [each for each in found if each.outcome is Outcome.ERROR], found
    return {(each.requirement, each.subject): each for each in found}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("requirement", "subject"),
    [
        ("search.degrades-without-upstream", "refused"),
        ("breakers.opens-at-threshold", "target"),
        ("monitoring.health-honest", "brave"),
        ("monitoring.fault-visible-in-metrics", "brave"),
        ("redis.outage-contained", "target"),
        ("monitoring.health-honest", "redis"),
        ("monitoring.fault-visible-in-metrics", "redis"),
        ("hub.acknowledged-survives-kill", "server"),
        ("hub.acknowledged-survives-kill", "worker"),
    ],
)
def test_the_experiment_deviates_without_the_care_it_looks_for(
    findings: Mapping[tuple[str, str], Finding], requirement: str, subject: str
) -> None:
    finding = findings[requirement, subject]

    assert finding.outcome is Outcome.FAIL, finding.seen
