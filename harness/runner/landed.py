"""What earlier work reached: a baseline from a run or its maturity.json, and the ratchet's floors in a file.

Floors and baselines in files come from what is landed: a tracked file with changes that are not committed is
refused, for it could be lowered in the same step as what it guards.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.core.area import Area
from harness.core.errors import UsageProblem
from harness.core.figures import one_decimal
from harness.core.gates import Baseline, Gates, Ratchet
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting.maturity_json import MATURITY_SCHEMA, maturity_record
from harness.runner.finish import load_scored
from harness.runner.naming import HOME

RATCHET_SCHEMA = "ratchet/1"


def read_baseline(path: Path) -> Baseline:
    """Return what passed in a run, named by its folder, its id or its maturity.json; a whole run only."""
    if not path.exists() and (HOME / path / "run.json").is_file():
        path = HOME / path
    record = maturity_record(load_scored(path)) if path.is_dir() else _landed_json(path, "--baseline")
    if record.get("schema") != MATURITY_SCHEMA:
        raise UsageProblem(
            f"--baseline {path}: not a maturity report", remedy="a run folder, or its maturity.json"
        )
    run = record["run"]
    if run["is_partial"] or run["interrupted"] or not run["finished"]:
        raise UsageProblem(
            f"--baseline {path}: run {run['id']} is not a whole run",
            remedy="a baseline is a run that came to its end, without --layer, --select or --ignore",
        )
    return Baseline(
        run=run["id"],
        target=run["target"],
        rubric_hash=run["rubric_hash"],
        passed=tuple(
            (requirement["id"], subject["subject"])
            for area in record["areas"]
            for requirement in area["requirements"]
            for subject in requirement["subjects"]
            if subject["outcome"] == Outcome.PASS.value
        ),
    )


def read_ratchet(path: Path, *, may_be_new: bool) -> Ratchet | None:
    """Return the landed floors; None for a file that is still to be written."""
    if may_be_new and not path.exists():
        return None
    record = _read_json(path, "--ratchet") if may_be_new else _landed_json(path, "--ratchet")
    floors = record.get("floors")
    if record.get("schema") != RATCHET_SCHEMA or not isinstance(floors, dict) or set(floors) - {*Area}:
        raise UsageProblem(f"--ratchet {path}: not a ratchet file", remedy="write one with --update-ratchet")
    return Ratchet(target=record["target"], rubric_hash=record["rubric_hash"], floors=floors)


def write_ratchet(path: Path, scored: ScoredRun) -> bool:
    """Raise the floors to what a whole run reached, never lower one; return whether that was done."""
    run = scored.run
    if not run.is_complete or run.is_partial or scored.verdict.exit_code not in {0, 1, 6}:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(ratchet_record(scored), indent=2) + "\n", encoding="utf-8")
    return True


def ratchet_record(scored: ScoredRun) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/ratchet.schema.json)."""
    run = scored.run
    kept = run.gates.ratchet.floors if run.gates.ratchet else {}
    reached = {area.area.value: float(one_decimal(area.low)) for area in scored.maturity.areas}
    return {
        "schema": RATCHET_SCHEMA,
        "target": run.target,
        "rubric_hash": run.rubric_hash,
        "floors": {name: max(low, kept.get(name, 0.0)) for name, low in reached.items()},
    }


def require_comparable(gates: Gates, *, target: str, rubric_hash: str, is_partial: bool) -> None:
    """Raise UsageProblem where a baseline or a ratchet is of another target or rubric."""
    compared = (("--baseline", gates.baseline), ("--ratchet", gates.ratchet))
    for flag, landed in compared:
        if landed is None:
            continue
        if landed.target != target:
            raise UsageProblem(f"{flag} is of target {landed.target}, not of {target}")
        if landed.rubric_hash != rubric_hash:
            raise UsageProblem(
                f"{flag} is of rubric {landed.rubric_hash[:12]}, this run is scored with {rubric_hash[:12]}",
                remedy="its requirements are other ones, so its numbers say nothing here: land a new one",
            )
    if gates.ratchet is not None and is_partial:
        raise UsageProblem("--ratchet holds a whole run", remedy="run without --layer, --select and --ignore")


def _landed_json(path: Path, flag: str) -> Mapping[str, Any]:
    record = _read_json(path, flag)
    if _has_open_changes(path):
        raise UsageProblem(
            f"{flag} {path} has changes that are not committed",
            remedy="commit it first: only what is landed is held against a run",
        )
    return record


def _read_json(path: Path, flag: str) -> Mapping[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise UsageProblem(f"{flag} {path}: {problem}") from problem
    if not isinstance(record, dict):
        raise UsageProblem(f"{flag} {path}: not a JSON object")
    return record


def _has_open_changes(path: Path) -> bool:
    """Whether git tracks the file and it is not as committed; without git nothing can be said against it."""
    try:
        asked = subprocess.run(
            ["git", "-C", str(path.parent), "status", "--porcelain", "--", path.name],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and bool(asked.stdout.strip()) and not asked.stdout.startswith("??")
