"""Instances that are started before their layer begins, while the machine waits for something else."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Self

from harness.core.layer import Layer
from harness.target.instance import Instance
from harness.target.launcher import Launcher

_Started = tuple[ExitStack, Instance]


class Ahead:
    """Starts the instances of layers to come, and stops those that no layer asked for."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(thread_name_prefix="ahead")
        self._starting: dict[Layer, Future[_Started]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as left:  # one that does not stop well keeps no other from being stopped
            left.callback(self._pool.shutdown)
            for future in self._starting.values():
                if not future.cancel() and future.exception() is None:
                    left.push(future.result()[0])

    def start(self, layer: Layer, launcher: Launcher) -> None:
        """Begin to start the instance of a layer; how it went is told to whoever asks for it."""
        if layer not in self._starting:
            self._starting[layer] = self._pool.submit(_started, launcher, layer)

    @contextmanager
    def instance(self, layer: Layer, launcher: Launcher) -> Iterator[Instance]:
        """Yield the instance of a layer, started ahead or now; raises what starting it raised."""
        self.start(layer, launcher)
        stack, instance = self._starting.pop(layer).result()
        with stack:
            yield instance


def _started(launcher: Launcher, layer: Layer) -> _Started:
    with ExitStack() as stack:
        instance = stack.enter_context(launcher.launch(layer))
        return stack.pop_all(), instance
