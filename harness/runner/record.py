"""The head of a run: what is known of it before anything is asked."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from harness.catalogue.rubric import Rubric
from harness.core.errors import HarnessFault
from harness.core.resources import resource
from harness.core.run import RunRecord
from harness.core.target import Target
from harness.runner.options import RunOptions

#: The shape of the published matrix; one of another shape proves nothing.
DETECTION_SCHEMA = "detection/2"
#: What a run carries of a defect's row, for its report.
_ROW = ("id", "family", "title", "breaks", "cell", "layers", "twin", "detected_after")

_TOOLS = ("schemathesis", "pact-python", "pytest", "chaostoolkit", "locust", "hypothesis", "core-harness")


def first_record(
    target: Target, rubric: Rubric, options: RunOptions, identity: str, started: str
) -> RunRecord:
    """Return the record that run.json begins with."""
    return RunRecord(
        id=identity,
        target=target.name,
        profile=target.profile.value,
        base_url=target.base_url,
        started=started,
        depth=options.choice.depth.value,
        seed=options.choice.seed,
        is_partial=options.choice.is_partial,
        is_launched=target.is_launched,
        rubric_version=rubric.version,
        rubric_hash=rubric.hash,
        versions=_versions(),
        executor=_executor(os.environ),
        consent=asdict(target.consent),
        claims={area: asdict(claim) for area, claim in target.claims.items()},
        gates=options.gates,
        detection=_detection(rubric),
    )


def _detection(rubric: Rubric) -> Mapping[str, Any]:
    """Return what is proven of this rubric: the published matrix, or nothing when it is of another."""
    matrix = _published("detection.json")
    if (matrix.get("schema"), matrix.get("rubric")) != (DETECTION_SCHEMA, rubric.version):
        return {}  # nothing was published of it yet, so every check is unproven
    kept = ("rubric", "scope", "depth", "requirements", "families", "all")
    rows = [{name: row[name] for name in _ROW} for row in matrix["defects"]]
    return {
        **{name: matrix[name] for name in kept},
        "defects": rows,
        "dose_response": _published("dose-response.json"),
        "clean_runs": _published("clean-runs.json"),
    }


def _published(name: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(resource(f"reports/published/{name}").read_bytes())
    except HarnessFault:
        return {}
    return found


def _executor(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return which build ran this, where a CI says so."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return {}
    home = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}"
    return {
        "type": "github",
        "name": environ.get("GITHUB_REPOSITORY", ""),
        "build": f"{environ.get('GITHUB_WORKFLOW', '')} #{environ.get('GITHUB_RUN_NUMBER', '')}",
        "order": environ.get("GITHUB_RUN_NUMBER", ""),
        "url": f"{home}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}",
        "commit": environ.get("GITHUB_SHA", ""),
    }


def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for tool in _TOOLS:
        try:
            found[tool] = version(tool)
        except PackageNotFoundError:  # a tool that is not there is named by the layer that needs it
            continue
    return found
