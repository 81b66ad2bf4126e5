"""The canaries of a run: each layer is shown a good and a bad service before its findings are trusted."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from harness.core.errors import HarnessProblem
from harness.core.layer import Layer
from harness.plan.engine import CanaryVerdict, Engine

#: Canaries are short and use a processor each; more of them at a time only wait for one another.
_CANARIES_AT_A_TIME = 2


class Canaries:
    """The canaries of a run's engines; they need no target, so they run while it is probed."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        # Load's comes first: it measures time, and before the layers start the machine is quiet.
        self._engines = sorted(engines, key=lambda engine: engine.layer is not Layer.LOAD)
        self._stack = ExitStack()
        self._begun: dict[Layer, Future[CanaryVerdict]] = {}

    def __enter__(self) -> Self:
        self._scratch = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-")))
        self._pool = self._stack.enter_context(ThreadPoolExecutor(_CANARIES_AT_A_TIME, "canary"))
        self._stack.callback(self._pool.shutdown, cancel_futures=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Begin those that have not begun."""
        for engine in self._engines:
            if engine.layer not in self._begun:
                self._begun[engine.layer] = self._pool.submit(self._show, engine)

    def verdict(self, layer: Layer) -> CanaryVerdict:
        """Wait for a layer's canary, which was started."""
        return self._begun[layer].result()

    def _show(self, engine: Engine) -> CanaryVerdict:
        folder = self._scratch / engine.layer.value
        folder.mkdir()
        try:
            return engine.canary(folder)
        except HarnessProblem as problem:
            return CanaryVerdict(told_apart=False, detail=str(problem))
