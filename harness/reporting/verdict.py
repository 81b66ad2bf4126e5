"""verdict.json: what the run ends with, for whoever cannot rely on an exit code alone."""

import json
from collections.abc import Mapping
from typing import Any

from harness.core.maturity import ScoredRun
from harness.reporting.protocol import Report

VERDICT_SCHEMA = "verdict/1"


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return verdict.json."""
    return {"verdict.json": (json.dumps(verdict_record(scored), indent=2) + "\n").encode()}


def verdict_record(scored: ScoredRun) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/verdict.schema.json)."""
    verdict = scored.verdict
    return {
        "schema": VERDICT_SCHEMA,
        "run": scored.run.id,
        "target": scored.run.target,
        "exit_code": verdict.exit_code,
        "verdict": verdict.verdict,
        "reason_code": verdict.reason_code,
        "reason": verdict.reason,
    }


REPORT = Report(id="verdict", title="Verdict (JSON)", render=render)
