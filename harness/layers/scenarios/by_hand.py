"""Opens what `--target` names when no run has done so: an address is attached to, a file may be launched."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.errors import HarnessProblem
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.layers.scenarios.context import ScenarioContext, context_of
from harness.target.file import load_target
from harness.target.launcher import Launcher


@dataclass(frozen=True, slots=True)
class _Scratch:
    """A folder for the logs of what is launched; nothing is recorded by hand."""

    root: Path

    @property
    def exchanges(self) -> Path:
        return self.root / "exchanges.ndjson"

    @property
    def resources(self) -> Path:
        return self.root / "resources.ndjson"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


@contextmanager
def open_target(argument: str) -> Iterator[ScenarioContext]:
    """Yield a context for a base URL, a target file or a shipped target; what was started ends with it."""
    try:
        target = load_target(argument, os.environ)
        redactor = Redactor((), secrets.token_bytes(16))
        with tempfile.TemporaryDirectory(prefix="harness-") as scratch:
            launcher = Launcher(target, folder=_Scratch(Path(scratch)), redactor=redactor)
            with launcher.launch(Layer.SCENARIOS, record=False) as instance:
                yield context_of(instance)
    except HarnessProblem as problem:
        raise pytest.UsageError(str(problem)) from problem
