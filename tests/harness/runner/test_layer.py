"""A layer of which hardly anything was recorded has measured nothing, unless little was asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.core.clock import SystemClock
from harness.core.layer import Depth, Layer
from harness.core.plan import Plan, PlannedSubject, SkipReason
from harness.core.redaction import Redactor
from harness.evidence.store import RunFolder
from harness.plan.engine import CanaryVerdict, Completion, LayerReport
from harness.runner import layer
from harness.runner.layer import LayerRun


class Quiet:
    def phase(self, name: str, *, step: int, steps: int) -> None: ...
    def line(self, text: str) -> None: ...


class Engine:
    """Says that it did what it was asked for."""

    layer = Layer.SCENARIOS

    def run(self, _assignment: object) -> LayerReport:
        return LayerReport(completion=Completion.COMPLETED)


class Launcher:
    """Keeps the secrets of the run."""

    spent = ""
    redactor = Redactor((), key=b"key")


class Ahead:
    """Has an instance that has no control endpoints."""

    @contextmanager
    def instance(self, _layer: Layer, _launcher: object) -> Iterator[Any]:
        yield SimpleNamespace(has_control=False)


class Folder(RunFolder):
    """Holds as many exchanges as a test says."""

    recorded = 0

    def count_exchanges(self, layer: Layer | None = None) -> int:
        return self.recorded


def completion(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, recorded: int, skip: SkipReason | None
) -> str:
    monkeypatch.setattr(layer, "look_again", lambda *_: None)
    folder = Folder.create(tmp_path / "run")
    object.__setattr__(folder, "recorded", recorded)
    subjects = (PlannedSubject(requirement="a.b", subject="target", skip=skip),)
    run: Any = LayerRun
    record = run(
        engine=Engine(),
        canaries=SimpleNamespace(verdict=lambda _layer: CanaryVerdict(told_apart=True, detail="")),
        ahead=Ahead(),
        launcher=Launcher(),
        plan=Plan(
            depth=Depth.QUICK,
            seed=1,
            layers=(Layer.SCENARIOS,),
            is_partial=skip is not None,
            subjects=subjects,
            capabilities={},
            producers={},
        ),
        folder=folder,
        progress=Quiet(),
        clock=SystemClock(),
        seconds_left=lambda: 0.0,
    ).run()
    return str(record.completion)


def test_four_exchanges_of_a_whole_layer_are_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert completion(monkeypatch, tmp_path, recorded=4, skip=None) == "nothing-ran"


def test_four_exchanges_are_enough_where_one_requirement_was_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    skip = SkipReason.REQUIREMENT_NOT_SELECTED

    assert completion(monkeypatch, tmp_path, recorded=4, skip=skip) == "completed"


def test_what_was_chosen_may_need_no_exchange_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A token says when it ends; nobody has to be asked for that."""
    skip = SkipReason.REQUIREMENT_NOT_SELECTED

    assert completion(monkeypatch, tmp_path, recorded=0, skip=skip) == "completed"
