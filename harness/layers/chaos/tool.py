"""Runs Chaos Toolkit on one experiment and returns its journal, or why there is none."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.core.spawn import ToolEnd, run_tool
from harness.layers.chaos.actions import CONTROL_RUN_VARIABLE
from harness.layers.chaos.context import CONTEXT_VARIABLE
from harness.layers.chaos.experiment import Experiment
from harness.layers.chaos.probes import UNMET_VARIABLE

_CONTROL_MODULE = "harness.layers.chaos.control"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRun:
    """How one `chaos run` ended, and the journal it left (empty when it left none that parses)."""

    end: ToolEnd
    journal: Mapping[str, Any]


def run_experiment(
    experiment: Experiment,
    *,
    context: Path,
    scratch: Path,
    log: Path,
    redact: Callable[[bytes], bytes],
    seconds: float,
    is_control_run: bool = False,
) -> ToolRun:
    """Run an experiment once; in a control run its faults are left out."""
    scratch.mkdir(parents=True, exist_ok=True)
    kind = "control" if is_control_run else "fault"
    journal = scratch / f"{experiment.name}.{kind}.json"
    controls = scratch / "controls.yaml"
    provider = {"harness": {"provider": {"type": "python", "module": _CONTROL_MODULE}}}
    controls.write_text(yaml.safe_dump(provider), encoding="utf-8")
    end = run_tool(
        [
            sys.executable, "-m", "chaostoolkit", "--no-version-check", "--no-log-file", "run",
            "--rollback-strategy", "always", "--journal-path", str(journal),
            "--control-file", str(controls), str(experiment.path),
        ],
        seconds=seconds,
        log=log,
        name=f"chaos-{experiment.name}-{kind}",
        env={
            CONTEXT_VARIABLE: str(context),
            CONTROL_RUN_VARIABLE: "1" if is_control_run else "0",
            "HARNESS_STEP": f"chaos:{experiment.name}:{kind}",
            UNMET_VARIABLE: ",".join(experiment.unmet_without_fault) if is_control_run else "",
        },
        cwd=scratch,
        redact=redact,
    )  # fmt: skip
    return ToolRun(end=end, journal=_read(journal))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document: Mapping[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # the tool was stopped while it wrote, or never came to it
    return document
