"""Plays the portable pack on a service, as a run does, and says what became of every subject."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.core.operation import Operations
from harness.core.outcome import Outcome, dominant
from harness.layers.scenarios.context import Credentials, ScenarioContext, write_context
from harness.target.openapi import read_openapi

PACK = Path(__file__).parents[2] / "scenarios" / "portable"

Cells = Mapping[tuple[str, str], Outcome]


def play(context: ScenarioContext, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Play the pack, or what the arguments name of it, and return its findings."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    write_context(context, folder / "context.json")
    findings = folder / "findings.ndjson"
    findings.unlink(missing_ok=True)
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
            *("--import-mode=importlib", "-p", "no:cacheprovider", "-q", "-c", str(folder / "pytest.ini")),
            *("--findings", str(findings), "--harness-context", str(folder / "context.json")),
            *(arguments or (str(PACK),)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in findings.read_text().splitlines()]
    assert lines, ended.stdout + ended.stderr
    assert lines[-1]["errors"] == 0, ended.stdout
    return lines[:-1]


def play_files(
    url: str,
    folder: Path,
    files: Sequence[str],
    *,
    document: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Mapping[str, Outcome]:
    """Play files on a service that nobody signs in to; return the worst outcome of every requirement."""
    context = (
        ScenarioContext(
            **{"target": "twin", "base_url": url, "direct_url": url, "may_write": True, **changes}
        )
        if document is None
        else described(url, document, folder, {}, **{"is_launched": False, "openapi": "", **changes})
    )
    findings = play(context, folder, *(str(PACK / f"test_{name}.py") for name in files))
    assert not [each for each in findings if each["outcome"] == Outcome.ERROR]
    seen: dict[str, list[Outcome]] = {}
    for each in findings:
        seen.setdefault(each["requirement"], []).append(Outcome(each["outcome"]))
    return {requirement: dominant(outcomes) for requirement, outcomes in seen.items()}


def cells(findings: list[dict[str, Any]]) -> Cells:
    """Return the outcome that dominates, by requirement and subject."""
    seen: dict[tuple[str, str], list[Outcome]] = {}
    for each in findings:
        seen.setdefault((each["requirement"], each["subject"]), []).append(Outcome(each["outcome"]))
    return {cell: dominant(outcomes) for cell, outcomes in seen.items()}


def described(
    url: str, document: Mapping[str, Any], folder: Path, people: Mapping[str, Credentials], **changes: Any
) -> ScenarioContext:
    """Return the context of a launched service with a document and people who are signed in."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    operations: Operations = read_openapi(file.read_bytes()).operations
    settings: dict[str, Any] = {
        "target": "notes",
        "base_url": url,
        "direct_url": url,
        "is_launched": True,
        "may_write": True,
        "openapi": "/openapi.json",
        "openapi_file": str(file),
        "path_prefix": operations.prefix,
        "operations": operations.all,
        "sessions": people,
    }
    return ScenarioContext(**{**settings, **changes})
