"""What the user asked of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.core.run import Gates
from harness.plan.planner import Choice


class Progress(Protocol):
    """Where a run tells the user how far it is."""

    def phase(self, name: str, *, step: int, steps: int) -> None:
        """Begin a phase; `step` counts from 1."""
        ...

    def line(self, text: str) -> None:
        """Show one line of news within the phase."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Everything `harness run` was given; `max_seconds` of 0 means no limit of the user's own.

    `environment` is added to every launched process; the proof switches defects on with it.
    """

    target: str
    choice: Choice
    folder: Path | None = None
    gates: Gates = field(default_factory=Gates)
    max_seconds: float = 0.0
    read_only: bool = False
    formats: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
