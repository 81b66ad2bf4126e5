"""An instance that was started ahead is the one its layer gets, and none is left behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.core.errors import TargetUnreachable
from harness.core.layer import Layer
from harness.runner.ahead import Ahead


class Starting:
    """A launcher that notes what it starts and stops."""

    def __init__(self, *, fails: bool = False, stops_badly: bool = False) -> None:
        self.fails = fails
        self.stops_badly = stops_badly
        self.started = threading.Event()
        self.notes: list[str] = []

    @contextmanager
    def launch(self, layer: Layer) -> Iterator[Any]:
        self.notes.append(f"start {layer.value}")
        self.started.set()
        if self.fails:
            raise TargetUnreachable("http://127.0.0.1:1", "it ended by itself")
        try:
            yield f"instance for {layer.value}"
        finally:
            self.notes.append(f"stop {layer.value}")
            if self.stops_badly:
                raise TargetUnreachable("http://127.0.0.1:1", "it ended by itself")


def test_what_was_started_ahead_is_used_and_then_stopped() -> None:
    launcher: Any = Starting()
    with Ahead() as ahead:
        ahead.start(Layer.LOAD, launcher)
        ahead.start(Layer.LOAD, launcher)

        with ahead.instance(Layer.LOAD, launcher) as instance:
            assert instance == "instance for load"
            assert launcher.notes == ["start load"]

        assert launcher.notes == ["start load", "stop load"]


def test_a_layer_that_was_not_thought_of_ahead_is_started_when_it_asks() -> None:
    launcher: Any = Starting()

    with Ahead() as ahead, ahead.instance(Layer.FUZZ, launcher) as instance:
        assert instance == "instance for fuzz"

    assert launcher.notes == ["start fuzz", "stop fuzz"]


def test_what_nobody_asked_for_is_stopped_at_the_end() -> None:
    launcher: Any = Starting()

    with Ahead() as ahead:
        ahead.start(Layer.SCENARIOS, launcher)

    assert launcher.notes in ([], ["start scenarios", "stop scenarios"])


def test_that_it_did_not_start_is_told_to_whoever_asks_and_to_nobody_else() -> None:
    launcher: Any = Starting(fails=True)

    with Ahead() as ahead:
        ahead.start(Layer.LOAD, launcher)
        with pytest.raises(TargetUnreachable), ahead.instance(Layer.LOAD, launcher):
            pytest.fail("there is no instance")
    with Ahead() as ahead:
        ahead.start(Layer.LOAD, launcher)


def test_an_instance_is_stopped_when_its_layer_breaks() -> None:
    launcher: Any = Starting()

    with Ahead() as ahead, pytest.raises(ZeroDivisionError), ahead.instance(Layer.LOAD, launcher):
        raise ZeroDivisionError

    assert launcher.notes == ["start load", "stop load"]


def nobody_asks(**launchers: Any) -> None:
    """Start one for each layer, wait until all have started, and ask for none."""
    with Ahead() as ahead:
        for layer, launcher in launchers.items():
            ahead.start(Layer(layer), launcher)
        for launcher in launchers.values():
            assert launcher.started.wait(10)


def test_one_that_does_not_stop_well_keeps_no_other_from_being_stopped() -> None:
    launcher = Starting()

    with pytest.raises(TargetUnreachable):
        nobody_asks(load=launcher, fuzz=Starting(stops_badly=True))

    assert launcher.notes == ["start load", "stop load"]
