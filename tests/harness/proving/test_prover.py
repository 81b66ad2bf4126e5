"""Defects are proven under the conditions of a clean run, side by side, and only once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import TargetUnreachable
from harness.core.layer import Depth, Layer
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.run import LayerRecord
from harness.proving import prove
from harness.proving.attribution import Cell
from harness.proving.defects import Defect
from harness.proving.prove import ProveOptions, Prover, Scope, prove_again, prove_all
from harness.proving.session import Session
from harness.runner.measure import BY_USER
from harness.runner.options import RunOptions
from tests.harness.proving.test_attribution import CLEAN, RIGHT, scored, switched


class Quiet:
    def phase(self, name: str, *, step: int, steps: int) -> None: ...
    def line(self, text: str) -> None: ...


def defect(name: str, **fields: Any) -> Defect:
    return Defect(**{"id": name, "family": "jwt", "title": "A door is open.", "breaks": (RIGHT,), **fields})


class Harness:
    """Stands for `measure`: answers by what is switched on, and remembers what it was asked."""

    def __init__(self, broken: Sequence[str] = ()) -> None:
        self.asked: list[RunOptions] = []
        self.broken = broken
        self.interrupted = "nobody"

    def __call__(self, options: RunOptions, progress: object, *, clock: object) -> tuple[ScoredRun, Path]:
        self.asked.append(options)
        assert options.folder is not None
        switched_on = options.environment.get("DEFECTS", "")
        if switched_on == self.interrupted:
            return replace(CLEAN, run=replace(CLEAN.run, interrupted=BY_USER)), options.folder
        if switched_on in self.broken:
            raise TargetUnreachable("http://target", "it ended at start")
        if switched_on and not switched_on.endswith(":twin"):
            layers = {
                "scenarios": LayerRecord(
                    completion="completed",
                    told_apart=True,
                    exchanges=9,
                    switches={switched_on: {"applied": True, "reached": 1, "triggered": 1}},
                )
            }
            return scored({RIGHT: Outcome.FAIL}, layers=layers), options.folder
        return CLEAN, options.folder

    @property
    def switched_on(self) -> list[str]:
        return [options.environment.get("DEFECTS", "") for options in self.asked]


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Harness:
    stand_in = Harness()
    monkeypatch.setattr(prove, "measure", stand_in)
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.SCENARIOS, Layer.JUDGES)})
    monkeypatch.setattr(prove.Canaries, "start", lambda _self: None)
    return stand_in


def proofs(tmp_path: Path, defects: Sequence[Defect], scope: Scope = Scope.LAYERS, jobs: int = 2) -> Any:
    session = Session(tmp_path / "session", "key")
    options = ProveOptions(target_file="t.toml", profile="core", switch="DEFECTS", seed=1, scope=scope)
    with Prover(options, defects, session, Quiet()) as prover:
        return prove_all(prover, defects, session, lambda _proof: None, jobs=jobs)


def test_a_defect_is_compared_with_a_clean_run_of_the_same_layers_and_depth(
    harness: Harness, tmp_path: Path
) -> None:
    (proof,) = proofs(tmp_path, [defect("open-door", depth=Depth.STANDARD)])

    whole, baseline, defective = harness.asked
    assert proof.attribution.cell is Cell.CAUGHT
    assert (whole.choice.layers, whole.environment) == ((), {})
    assert baseline.choice == defective.choice
    assert (defective.choice.layers, defective.choice.depth) == ((Layer.SCENARIOS,), Depth.STANDARD)
    assert whole.like is None
    assert defective.like is not None


def test_a_target_is_probed_anew_where_only_its_document_or_probes_can_show_the_defect(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recalled probes are those of the clean target: a wrong document would never be seen."""
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.JUDGES,)})

    proofs(tmp_path, [defect("a", has_twin=True)], scope=Scope.CHECKS)

    recalled = {asked.environment.get("DEFECTS", ""): asked.like for asked in harness.asked}
    assert recalled["a"] is None
    assert recalled["a:twin"] is None


def test_defects_under_the_same_conditions_share_their_clean_run(harness: Harness, tmp_path: Path) -> None:
    found = proofs(tmp_path, [defect("a"), defect("b"), defect("c")])

    assert [proof.defect for proof in found] == ["a", "b", "c"]
    assert sorted(harness.switched_on) == ["", "", "a", "b", "c"]


def test_a_twin_is_run_as_its_defect_is(harness: Harness, tmp_path: Path) -> None:
    (proof,) = proofs(tmp_path, [defect("a", has_twin=True)])

    assert proof.twin_alarms == ()
    assert harness.switched_on == ["", "", "a", "a:twin"]


def test_what_is_proven_is_not_run_again(harness: Harness, tmp_path: Path) -> None:
    first = proofs(tmp_path, [defect("a")])
    asked = len(harness.asked)

    again = proofs(tmp_path, [defect("a")])

    assert again == first
    assert len(harness.asked) == asked


def test_the_scope_of_checks_selects_what_is_broken_and_measures_no_area(
    harness: Harness, tmp_path: Path
) -> None:
    (proof,) = proofs(tmp_path, [defect("a")], scope=Scope.CHECKS)

    assert {options.choice.select for options in harness.asked} == {(RIGHT,)}
    assert (proof.low_before, proof.low_after) == (None, None)


def test_what_judges_alone_judge_gets_the_traffic_of_the_whole_layer(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.JUDGES,)})

    proofs(tmp_path, [defect("a")], scope=Scope.CHECKS)

    _, baseline, defective = harness.asked
    assert baseline.choice == defective.choice
    assert (defective.choice.layers, defective.choice.select) == ((Layer.SCENARIOS,), ())


@pytest.fixture
def toured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "tour", lambda _clean: ("http.options-answered",))


@pytest.mark.usefixtures("toured")
def test_what_judges_alone_judge_is_shown_a_tour_first_and_its_twin_the_same(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.JUDGES,)})

    (proof,) = proofs(tmp_path, [defect("a", has_twin=True)], scope=Scope.CHECKS)

    assert proof.attribution.cell is Cell.CAUGHT
    assert harness.switched_on == ["", "", "a", "a:twin"]
    _, whole, defective, twin = (options.choice.select for options in harness.asked)
    assert (whole, set(defective), twin) == ((), {"http.options-answered", RIGHT}, defective)


class Blind(Harness):
    """Catches nothing before it is shown what `until` says of the choice."""

    def __init__(self, until: Callable[[RunOptions], bool]) -> None:
        super().__init__()
        self.until = until

    def __call__(self, options: RunOptions, progress: object, *, clock: object) -> tuple[ScoredRun, Path]:
        found, folder = super().__call__(options, progress, clock=clock)
        if options.environment.get("DEFECTS") == "a" and not self.until(options):
            return scored({RIGHT: Outcome.PASS}, layers=switched(triggered=0)), folder
        return found, folder


@pytest.mark.usefixtures("toured", "harness")
def test_what_a_tour_does_not_show_the_whole_layer_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Blind(until=lambda options: not options.choice.select)
    monkeypatch.setattr(prove, "measure", blind)
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.JUDGES,)})

    (proof,) = proofs(tmp_path, [defect("a", has_twin=True)], scope=Scope.CHECKS)

    assert proof.attribution.cell is Cell.CAUGHT
    assert blind.switched_on == ["", "", "a", "a", "a:twin"]
    assert blind.asked[-1].choice.select == ()


@pytest.mark.usefixtures("toured", "harness")
def test_what_an_engine_misses_judges_look_for_in_the_traffic_of_scenarios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Blind(until=lambda options: len(options.choice.select) > 1)
    monkeypatch.setattr(prove, "measure", blind)
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.FUZZ, Layer.JUDGES)})

    (proof,) = proofs(tmp_path, [defect("a")], scope=Scope.CHECKS)

    assert proof.attribution.cell is Cell.CAUGHT
    assert [options.choice.select for options in blind.asked][1:3] == [(RIGHT,), ()]
    assert blind.asked[-1].choice.layers == (Layer.SCENARIOS,)
    assert blind.asked[-1].like is None  # the document and the probes are those of the defective target


@pytest.mark.usefixtures("toured", "harness")
def test_what_no_judge_could_see_is_a_miss_after_the_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Blind(until=lambda _options: False)
    monkeypatch.setattr(prove, "measure", blind)
    monkeypatch.setattr(prove, "producers", lambda _profile: {RIGHT: (Layer.FUZZ,)})

    (proof,) = proofs(tmp_path, [defect("a")], scope=Scope.CHECKS)

    assert proof.attribution.cell is not Cell.CAUGHT
    assert blind.switched_on == ["", "a"]


def test_all_layers_are_run_when_asked_for(harness: Harness, tmp_path: Path) -> None:
    proofs(tmp_path, [defect("a")], scope=Scope.ALL)

    assert {options.choice.layers for options in harness.asked} == {()}


def test_an_instance_that_does_not_start_with_its_defect_is_a_crash(harness: Harness, tmp_path: Path) -> None:
    harness.broken = ["a"]

    first, second = proofs(tmp_path, [defect("a"), defect("b")])

    assert (first.attribution.cell, second.attribution.cell) == (Cell.CRASHED, Cell.CAUGHT)


def test_a_miss_keeps_its_run_folder_and_a_catch_does_not(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Harness):
        def __call__(self, options: RunOptions, progress: object, *, clock: object) -> tuple[ScoredRun, Path]:
            found, folder = super().__call__(options, progress, clock=clock)
            folder.mkdir(parents=True)
            is_missed = options.environment.get("DEFECTS") == "missed"
            return (
                scored({RIGHT: Outcome.PASS}, layers=switched(triggered=1)) if is_missed else found
            ), folder

    monkeypatch.setattr(prove, "measure", Silent())

    proofs(tmp_path, [defect("caught"), defect("missed")])

    assert (tmp_path / "session" / "missed").is_dir()
    assert not (tmp_path / "session" / "caught").exists()


def test_what_is_doubted_is_proven_once_more_and_the_second_look_counts(
    harness: Harness, tmp_path: Path
) -> None:
    """The first look at `a` is spoilt: its instance did not start. The second finds what is wrong."""
    both = [defect("a"), defect("b")]
    session = Session(tmp_path / "session", "key")
    options = ProveOptions(target_file="t.toml", profile="core", switch="DEFECTS", seed=1, scope=Scope.LAYERS)
    with Prover(options, both, session, Quiet()) as prover:
        harness.broken = ["a"]
        first = prove_all(prover, both, session, lambda _proof: None)
        harness.broken = []
        second = prove_again(prover, both[:1], first, session, lambda _proof: None)

    assert [proof.attribution.cell for proof in first] == [Cell.CRASHED, Cell.CAUGHT]
    assert [(proof.defect, proof.attribution.cell) for proof in second] == [
        ("a", Cell.CAUGHT),
        ("b", Cell.CAUGHT),
    ]
    assert session.proven()["a"] == second[0]
    assert harness.switched_on.count("b") == 1


def test_ctrl_c_ends_all_of_it_and_not_one_run(harness: Harness, tmp_path: Path) -> None:
    harness.interrupted = "a"

    with pytest.raises(KeyboardInterrupt):
        proofs(tmp_path, [defect("a"), defect("b"), defect("c")], jobs=1)

    assert "c" not in harness.switched_on
    assert "a" not in Session(tmp_path / "session", "key").proven()
