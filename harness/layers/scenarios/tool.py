"""How pytest is called for a pack, and how its session ended according to what it wrote."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.layers.scenarios.ledger import END_SCHEMA
from harness.plan.engine import Completion, LayerReport

_NOTHING_COLLECTED = 5
_JUDGED = (0, 1)
_INTERRUPTED = 2

#: Nothing of the user's own pytest configuration may change what a run does.
_CONFIGURATION = """\
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider
strict_markers = true
strict_config = true
xfail_strict = true
timeout = {seconds}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The files of one pytest session; `chosen` are those of the packs that it is to read."""

    configuration: Path
    context: Path
    findings: Path
    packs: Sequence[Path]
    chosen: Sequence[Path] = ()

    def command(self) -> Sequence[str]:
        """Return the command line."""
        return (
            *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
            *("-p", "pytest_timeout", "-c", str(self.configuration), "--rootdir", str(self.packs[0].parent)),
            *("--findings", str(self.findings), "--harness-context", str(self.context)),
            *("-q", "-rfEs", "--tb=short", "--no-header"),
            *(str(path) for path in self.chosen or self.packs),
        )


def write_configuration(path: Path, *, seconds: float) -> None:
    """Write the configuration; `seconds` is the limit of one scenario."""
    path.write_text(_CONFIGURATION.format(seconds=seconds), encoding="utf-8")


def is_end(record: Mapping[str, Any]) -> bool:
    """Whether a line says that the session came to its end."""
    return record.get("schema") == END_SCHEMA


def account(end: Mapping[str, Any] | None, exit_code: int | None, tail: str) -> LayerReport:
    """Say how a session ended; only its own last line counts as an end, never the exit code alone."""
    if end is None:
        return LayerReport(
            completion=Completion.CRASHED,
            detail=f"pytest ended with code {exit_code} before its session did: {_last_line(tail)}",
        )
    counts = {name: int(end[name]) for name in ("collected", "ran", "errors")}
    if end["exit_code"] == _INTERRUPTED and not end["errors"]:
        return LayerReport(
            completion=Completion.INTERRUPTED, detail="the session was interrupted", counts=counts
        )
    if end["errors"] or end["exit_code"] not in {*_JUDGED, _NOTHING_COLLECTED}:
        detail = f"{end['errors']} pack files could not be read; pytest said: {_last_line(tail)}"
        return LayerReport(completion=Completion.CRASHED, detail=detail, counts=counts)
    if not end["ran"]:
        detail = f"none of {end['collected']} scenarios was asked for and allowed"
        return LayerReport(completion=Completion.NOTHING_RAN, detail=detail, counts=counts)
    return LayerReport(completion=Completion.COMPLETED, counts=counts)


def _last_line(tail: str) -> str:
    lines = [line for line in tail.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nothing"
