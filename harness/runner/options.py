"""What the user asked of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.core.gates import Gates
from harness.core.run import RunRecord
from harness.core.target import Limits
from harness.plan.planner import Choice
from harness.runner.canaries import Canaries


class Progress(Protocol):
    """Where a run tells the user how far it is."""

    def phase(self, name: str, *, step: int, steps: int) -> None:
        """Begin a phase; `step` counts from 1."""
        ...

    def line(self, text: str) -> None:
        """Show one line of news within the phase."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A finished run and its folder."""

    run: RunRecord
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Everything `harness run` was given; `max_seconds` of 0 means no limit of the user's own.

    `history` is the file in which complete runs are remembered; None remembers nothing. `limits` go before
    those of the target file. The proof runs one target many times: `environment`, added to every launched
    process, switches its defects on; `like` is a run whose probes need not be asked again; `canaries` were
    shown already.
    """

    target: str
    choice: Choice
    folder: Path | None = None
    gates: Gates = field(default_factory=Gates)
    max_seconds: float = 0.0
    read_only: bool = False
    history: Path | None = None
    formats: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)
    like: Earlier | None = None
    canaries: Canaries | None = None
