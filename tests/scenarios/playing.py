"""Plays files of the portable pack on a server, in a process of their own, and returns what was judged."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.core.outcome import Outcome, dominant
from harness.layers.scenarios.context import ScenarioContext, write_context
from harness.target.openapi import read_openapi

PACK = Path(__file__).parents[2] / "scenarios" / "portable"


def play(
    url: str,
    folder: Path,
    files: Sequence[str],
    *,
    document: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Mapping[str, Outcome]:
    """Return the outcome of every requirement that the files judge; several subjects count as their worst."""
    return {name: dominant(found) for name, found in judged(url, folder, files, document, changes).items()}


def judged(
    url: str,
    folder: Path,
    files: Sequence[str],
    document: Mapping[str, Any] | None,
    changes: Mapping[str, Any],
) -> Mapping[str, Sequence[Outcome]]:
    """Return all outcomes of every requirement that the files judge."""
    context = ScenarioContext(target="twin", base_url=url, direct_url=url, may_write=True)
    if document is not None:
        stored = folder / "openapi.json"
        stored.write_text(json.dumps(document))
        read = read_openapi(stored.read_bytes())
        context = replace(context, openapi_file=str(stored), operations=tuple(read.operations))
    (folder / "pytest.ini").write_text("[pytest]\n")
    write_context(replace(context, **changes), folder / "context.json")
    findings = folder / "findings.ndjson"
    findings.unlink(missing_ok=True)
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
            *("--import-mode=importlib", "-p", "no:cacheprovider", "-q", "-c", str(folder / "pytest.ini")),
            *("--findings", str(findings), "--harness-context", str(folder / "context.json")),
            *(str(PACK / f"test_{name}.py") for name in files),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in findings.read_text().splitlines()]
    assert lines, ended.stdout + ended.stderr
    assert lines[-1]["errors"] == 0, ended.stdout
    found: dict[str, list[Outcome]] = {}
    for each in lines[:-1]:
        outcome = Outcome(each["outcome"])
        assert outcome is not Outcome.ERROR, each
        found.setdefault(each["requirement"], []).append(outcome)
    return found
