"""Runs the harness on one service and keeps the run folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.field.environments import Environment

SEED = 7
#: One run may take this long; a run that takes longer says so itself.
SECONDS = 600
_TIMING = "trial.json"


def run(
    target: Path, environment: Environment, folder: Path, *, defects: str = "", extra: Sequence[str] = ()
) -> None:
    """Run the harness; a folder that holds a finished run is left as it is."""
    if is_finished(folder):
        return
    command = [
        "nice", "-n", "5", sys.executable, "-m", "harness", "run", str(target), "--out", str(folder), "-q",
        "--seed", str(SEED), "--max-time", str(SECONDS), "--format", "json", "--format", "markdown", *extra,
    ]  # fmt: skip
    folder.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    ended = subprocess.run(
        command,
        env={**os.environ, **environment.variables(defects)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    seconds = round(time.monotonic() - started, 1)
    if not (folder / "run.json").is_file():
        print(ended.stdout.decode("utf-8", "replace"), file=sys.stderr)
        raise SystemExit(f"{target}: the harness left no run, exit code {ended.returncode}")
    told = {"seconds": seconds, "exit_code": ended.returncode, "defects": defects, "extra": list(extra)}
    (folder / _TIMING).write_text(json.dumps(told), encoding="utf-8")
    print(f"{folder.name}: {seconds:g} s, exit code {ended.returncode}", flush=True)


def is_finished(folder: Path) -> bool:
    """Whether a run was made there and came to its end."""
    return (folder / _TIMING).is_file()


def timing(folder: Path) -> tuple[float, int]:
    """Return the seconds of a run and its exit code."""
    told = json.loads((folder / _TIMING).read_text(encoding="utf-8"))
    return told["seconds"], told["exit_code"]
