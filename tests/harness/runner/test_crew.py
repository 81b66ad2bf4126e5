"""Layers side by side: who shares a stage, that they really run at once, and that Ctrl-C ends all of them."""

import threading
from pathlib import Path

import pytest

from harness.core import interruption
from harness.core.errors import HarnessFault
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.redaction import Redactor
from harness.core.run import LayerRecord
from harness.core.spawn import run_tool
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.runner.canaries import Canaries
from harness.runner.crew import side_by_side, stages


class Engine:
    """An engine whose canary does what the test wants."""

    def __init__(self, layer: Layer, canary: CanaryVerdict | HarnessFault) -> None:
        self.layer = layer
        self._canary = canary
        self.scratch: list[Path] = []

    def produces(self, profile: str) -> frozenset[str]:
        return frozenset()

    def canary(self, scratch: Path) -> CanaryVerdict:
        self.scratch.append(scratch)
        if isinstance(self._canary, HarnessFault):
            raise self._canary
        return self._canary

    def run(self, assignment: Assignment) -> LayerReport:
        raise NotImplementedError


class Meeting:
    """A layer's run that ends only when all have begun: one after the other they would wait for ever."""

    def __init__(self, layer: Layer, barrier: threading.Barrier) -> None:
        self.engine = Engine(layer, CanaryVerdict(told_apart=True, detail=""))
        self._barrier = barrier

    def run(self) -> LayerRecord:
        self._barrier.wait(timeout=10)
        return LayerRecord(completion=Completion.COMPLETED.value, detail=self.engine.layer.value)


def test_load_has_the_machine_for_itself() -> None:
    assert stages(ENGINE_LAYERS, is_launched=True) == (
        (Layer.CONTRACTS, Layer.SCENARIOS, Layer.FUZZ, Layer.CHAOS),
        (Layer.LOAD,),
    )


def test_the_layers_of_a_deployment_take_turns() -> None:
    assert stages((Layer.SCENARIOS, Layer.FUZZ), is_launched=False) == ((Layer.SCENARIOS,), (Layer.FUZZ,))


@pytest.mark.parametrize("layers", [(), (Layer.LOAD,), (Layer.FUZZ,)])
def test_a_stage_is_never_empty(layers: tuple[Layer, ...]) -> None:
    assert stages(layers, is_launched=True) == ((layers,) if layers else ())


def test_the_runs_of_a_stage_are_under_way_at_the_same_time() -> None:
    barrier = threading.Barrier(3)
    runs = [Meeting(layer, barrier) for layer in (Layer.CONTRACTS, Layer.FUZZ, Layer.CHAOS)]

    done = dict(side_by_side(runs))  # type: ignore[arg-type] # it asks for `engine.layer` and `run` only

    assert {layer: record.detail for layer, record in done.items()} == {
        Layer.CONTRACTS: "contracts",
        Layer.FUZZ: "fuzz",
        Layer.CHAOS: "chaos",
    }


class Following(Meeting):
    """A layer of the next stage that notes how many of this one still worked when it was started ahead."""

    def __init__(self, working: list[Layer]) -> None:
        super().__init__(Layer.LOAD, threading.Barrier(1))
        self.working = working
        self.noted: list[int] = []

    def start_ahead(self) -> None:
        self.noted.append(len(self.working))


def test_what_follows_is_started_while_the_last_of_a_stage_works() -> None:
    layers = [Layer.CONTRACTS, Layer.FUZZ, Layer.CHAOS]
    runs = [Meeting(layer, threading.Barrier(1)) for layer in layers]
    following = Following(layers)

    for layer, _ in side_by_side(runs, [following]):  # type: ignore[arg-type,list-item] # a part of it
        layers.remove(layer)

    assert following.noted == [2]


def test_a_canary_that_cannot_run_tells_nothing_apart() -> None:
    good = Engine(Layer.FUZZ, CanaryVerdict(told_apart=True, detail="told"))
    broken = Engine(Layer.LOAD, HarnessFault("locust is not installed"))

    with Canaries([good, broken]) as canaries:
        canaries.start()
        canaries.start()

        assert canaries.verdict(Layer.FUZZ).told_apart
        assert canaries.verdict(Layer.LOAD) == CanaryVerdict(
            told_apart=False, detail="locust is not installed"
        )
    assert len(good.scratch) == len(broken.scratch) == 1
    assert good.scratch[0] != broken.scratch[0]


def test_ctrl_c_ends_a_tool_that_another_thread_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    monkeypatch.setattr(interruption, "_told", told)
    ended = []

    def wait() -> None:
        ended.append(
            run_tool(["sleep", "60"], seconds=60, log=tmp_path / "log", name="sleep", redact=lambda x: x)
        )

    thread = threading.Thread(target=wait)
    thread.start()
    told.set()
    thread.join(timeout=20)

    assert [(end.interrupted, end.timed_out) for end in ended] == [(True, False)]


def test_a_copied_redactor_knows_the_same_and_learns_for_itself() -> None:
    first = Redactor(["a-known-secret"], key=b"k" * 32)
    second = first.copy()
    second.learn("another-secret")

    assert second.text("a-known-secret") == first.text("a-known-secret") != "a-known-secret"
    assert first.text("another-secret") == "another-secret"
    assert second.text("another-secret") != "another-secret"
