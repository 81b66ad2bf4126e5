"""What a layer is asked to do and what it answers; every package under harness/layers exports one ENGINE."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.plan import Plan
from harness.core.redaction import Redactor
from harness.core.target import Target
from harness.target.instance import Instance


class Completion(StrEnum):
    """How a layer ended. Only `completed` lets its findings stand as they are."""

    COMPLETED = "completed"
    NOTHING_RAN = "nothing-ran"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerReport:
    """A layer's own account; findings went through `Assignment.emit` as they arose."""

    completion: Completion
    detail: str = ""
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryVerdict:
    """Whether the layer told a known-bad answer from a known-good one before it was trusted."""

    told_apart: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One layer's work. `scratch` is private and deleted after the run; nothing in it is an artefact.

    `emit` records a finding at once; `attach` stores redacted bytes under their hash and returns the name;
    `progress` shows a line to the user; `seconds` is the wall limit. `redactor` knows the run's secrets;
    `exchanges` is the file that holds what the recorder saw (and where a layer without one writes samples).
    """

    layer: Layer
    instance: Instance
    plan: Plan
    depth: Depth
    seed: int
    seconds: float
    scratch: Path
    logs: Path
    emit: Callable[[Finding], None]
    attach: Callable[[bytes, str], str]
    progress: Callable[[str], None]
    redactor: Redactor = field(default_factory=lambda: Redactor((), os.urandom(16)))
    exchanges: Path | None = None


class Engine(Protocol):
    """A layer's engine: runs a real tool as a subprocess and turns what it says into findings."""

    @property
    def layer(self) -> Layer:
        """The layer it is."""
        ...

    def produces(self, profile: str) -> frozenset[str]:
        """Return the ids of all requirements it can judge for a profile; it emits no others."""
        ...

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Run the tool once on a known-good and once on a known-bad answer."""
        ...

    def run(self, assignment: Assignment) -> LayerReport:
        """Do the work; never raises for what the target does."""
        ...


class SaysWhenIdle(Protocol):
    """An engine that has nothing to do on some targets and can say so before anything runs."""

    def idle_reason(self, instance: Instance) -> str:
        """Return why it has nothing to do there, or nothing."""
        ...


class EnumeratesSubjects(Protocol):
    """An engine that alone knows some requirements' subjects before anything runs (a pact's interactions)."""

    def planned_subjects(self, target: Target) -> Mapping[str, tuple[str, ...]]:
        """Return subjects by requirement id."""
        ...
