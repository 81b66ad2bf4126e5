"""Each shipped experiment holds on a service with all the care and deviates without what it looks for."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
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
from tests.targets.core_with_care import Care

SERVICE = Path(__file__).parents[3] / "targets" / "core_with_care.py"
TARGET = """
name = "with-care"
profile = "core"
base_url = "http://127.0.0.1:{port}"
openapi = "/openapi.json"
[launch.processes.server]
command = ["{python}", "SERVICE", "serve", "--port", "{port}", "--data-dir", "{data_dir}"]
ready = "/health/live"
[launch.processes.server.env]
CARE_WITHOUT = "{without}"
REDIS_URL = "{dependencies.redis.url}"
BRAVE_URL = "{stubs.brave.url}"
[launch.processes.worker]
command = ["{python}", "SERVICE", "worker", "--data-dir", "{data_dir}"]
env = { CARE_WITHOUT = "{without}" }
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
Judged = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """An experiment, and policies without which it fails for everything it judges."""

    experiment: str
    without: tuple[Care, ...]

    def __str__(self) -> str:
        return f"{self.experiment}-without-{self.without[0].name.lower()}"


#: The demonstration of every experiment. Where one judges several requirements, a policy of each is left out.
LACKS = (
    Lack(experiment="brave-recovers", without=(Care.BREAKER_PROBES,)),
    Lack(
        experiment="brave-refuses",
        without=(Care.FALLBACK, Care.BREAKER, Care.HONEST_HEALTH, Care.HONEST_METRICS),
    ),
    Lack(experiment="brave-silent", without=(Care.READ_LIMIT, Care.DEADLINE)),
    Lack(experiment="brave-slow", without=(Care.READ_LIMIT, Care.DEADLINE)),
    # A limit on each read is no help here: every one is quick.
    Lack(experiment="brave-trickles", without=(Care.DEADLINE,)),
    Lack(experiment="brave-truncated", without=(Care.FALLBACK,)),
    Lack(experiment="brave-truncated", without=(Care.WHOLE_ANSWER,)),
    Lack(experiment="redis-down", without=(Care.REDIS_CONTAINED, Care.HONEST_HEALTH, Care.HONEST_METRICS)),
    Lack(experiment="redis-recovers", without=(Care.REDIS_RECONNECT,)),
    Lack(experiment="redis-sliced", without=(Care.REDIS_WHOLE_REPLY,)),
    Lack(experiment="redis-slow", without=(Care.REDIS_LIMIT,)),
    Lack(experiment="server-killed", without=(Care.WRITTEN_FIRST,)),
    Lack(experiment="worker-killed", without=(Care.REMOVED_LAST,)),
    Lack(experiment="worker-paused", without=(Care.LEASE_TAKEN_AGAIN,)),
)
EXPERIMENTS = tuple(each.name for each in load_experiments())
#: What an experiment of ours may take at most: the service answers in milliseconds or is at fault.
MOST = {"seconds": 1.0, "within": 3.0}
#: More than the lease of the service's worker.
PAUSE = 2.0


def hurried(name: str, folder: Path) -> None:
    """Copy a shipped experiment with less patience; what it does to the target stays as it is."""
    document = yaml.safe_load(resource(f"scenarios/chaos/{name}.yaml").read_text())
    for activity in (*document["steady-state-hypothesis"]["probes"], *document["method"]):
        if activity["type"] == "probe":
            arguments = activity["provider"]["arguments"]
            arguments |= {
                each: min(most, arguments[each]) for each, most in MOST.items() if each in arguments
            }
            if activity["provider"]["func"] in {"readiness_names", "metric", "breaker_is"}:
                arguments["within"] = 0.5
        if "pauses" in activity:
            activity["pauses"]["after"] = PAUSE
    folder.mkdir()
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))


def judged_by(experiment: str) -> frozenset[Judged]:
    """Return the requirements and subjects that a shipped experiment judges."""
    (found,) = (each for each in load_experiments() if each.name == experiment)
    return frozenset((judged.requirement, judged.subject) for judged in found.judges)


def plan_of(subjects: frozenset[Judged]) -> Plan:
    return Plan(
        depth=Depth.STANDARD,
        seed=1,
        layers=(Layer.CHAOS,),
        is_partial=False,
        subjects=tuple(
            PlannedSubject(requirement=each, subject=subject) for each, subject in sorted(subjects)
        ),
        capabilities={},
        producers={},
    )


Try = Callable[[str, Sequence[Care]], Mapping[Judged, Finding]]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Try]:
    """Run an experiment on the one launched service, without some policies; return what the engine finds."""
    root = tmp_path_factory.mktemp("care")
    without = root / "without"
    without.touch()
    text = TARGET.replace("SERVICE", str(SERVICE)).replace("{without}", str(without))
    (root / "target.toml").write_text(text)
    folder = RunFolder(root / "run")
    redactor = Redactor((), b"key of this test")
    target = load_target(str(root / "target.toml"), {"PATH": sys.prefix})
    with Launcher(target, folder=folder, redactor=redactor).launch(Layer.CHAOS) as instance:

        def run(experiment: str, left_out: Sequence[Care]) -> Mapping[Judged, Finding]:
            place = Path(tmp_path_factory.mktemp(experiment))
            hurried(experiment, place / "experiments")
            httpx.get(f"{instance.direct_url}/auth/me")  # with care, what the last fault broke is mended
            without.write_text(" ".join(each.name for each in left_out))
            found: list[Finding] = []
            report = ChaosEngine(place / "experiments").run(
                Assignment(
                    layer=Layer.CHAOS,
                    instance=instance,
                    plan=plan_of(judged_by(experiment)),
                    depth=Depth.STANDARD,
                    seed=1,
                    seconds=60.0,
                    scratch=place,
                    logs=folder.logs,
                    emit=found.append,
                    attach=lambda _data, _kind: "",
                    progress=lambda _line: None,
                    redactor=redactor,
                    exchanges=folder.exchanges,
                )
            )
            without.write_text("")
            assert report.completion is Completion.COMPLETED, report.detail
            return {(each.requirement, each.subject): each for each in found}

        yield run


def test_every_shipped_experiment_is_shown_to_deviate() -> None:
    assert {each.experiment for each in LACKS} == set(EXPERIMENTS)
    assert {care for each in LACKS for care in each.without} == set(Care), "a policy that nothing looks for"


@pytest.mark.timeout(90)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_with_all_the_care_an_experiment_holds(tried: Try, experiment: str) -> None:
    found = tried(experiment, ())

    assert set(found) == judged_by(experiment)
    for finding in found.values():
        assert (finding.outcome, finding.reason) == (Outcome.PASS, "holds-under-fault"), finding.seen


@pytest.mark.timeout(90)
@pytest.mark.parametrize("lack", LACKS, ids=str)
def test_without_the_care_it_looks_for_an_experiment_deviates(tried: Try, lack: Lack) -> None:
    found = tried(lack.experiment, lack.without)

    # The engine says this only of a fault that fired, after a run without it in which all was well.
    assert set(found) == judged_by(lack.experiment)
    for finding in found.values():
        assert (finding.outcome, finding.reason) == (Outcome.FAIL, "deviates-under-fault"), finding.seen
