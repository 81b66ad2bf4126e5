"""The same evidence gives the same bytes, with the target switched off."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.runner.finish import DERIVED, remove_derived
from tests.acceptance.servers import serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]


def derived(folder: Path) -> dict[str, str]:
    """Return the hash of every derived file."""
    files = [
        file
        for name in DERIVED
        for file in ((folder / name).rglob("*") if (folder / name).is_dir() else [folder / name])
    ]
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.is_file()
    }


def harness(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=170, check=False)


def test_scoring_again_offline_makes_the_same_bytes_and_the_same_exit_code(tmp_path: Path) -> None:
    with serving(
        lambda _method, path: (200, "text/plain", b"ok") if path == "/" else (404, "text/plain", b"no")
    ) as (url, _):
        first = harness("run", url, "--depth", "quick", "--seed", "5", "--out", "out", cwd=tmp_path)
    before = derived(tmp_path / "out")
    assert {"findings.ndjson", "maturity.json", "verdict.json", "report.html", "junit.xml"} <= set(before), (
        first.stderr
    )
    remove_derived(tmp_path / "out")
    assert derived(tmp_path / "out") == {}

    again = harness("score", "out", cwd=tmp_path)

    assert derived(tmp_path / "out") == before
    assert again.returncode == first.returncode
    assert again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]


def test_a_second_run_is_compared_with_the_first_and_needs_nothing_of_it_afterwards(tmp_path: Path) -> None:
    answers = {"/": (200, "text/plain", b"ok"), "/health": (200, "application/json", b'{"status": "up"}')}
    with serving(lambda _method, path: answers.get(path, (404, "text/plain", b"no"))) as (url, _):
        harness("run", url, "--depth", "quick", "--seed", "5", "--out", "one", cwd=tmp_path)
        answers["/"] = (500, "text/plain", b"Traceback (most recent call last):")
        gates = ("--baseline", "one", "--ratchet", "floors.json", "--update-ratchet")
        second = harness("run", url, "--depth", "quick", "--seed", "5", "--out", "two", *gates, cwd=tmp_path)
    assert (tmp_path / "reports" / "history.ndjson").read_bytes().count(b"\n") == 2, second.stderr
    floors = json.loads((tmp_path / "floors.json").read_text(encoding="utf-8"))
    assert len(floors["floors"]) == 8
    before = derived(tmp_path / "two")
    run = json.loads((tmp_path / "one" / "run.json").read_text(encoding="utf-8"))
    assert f"## Since run {run['id']}".encode() in (tmp_path / "two" / "report.md").read_bytes()
    assert run["base_url"] == url

    (tmp_path / "reports" / "history.ndjson").unlink()
    (tmp_path / "one").rename(tmp_path / "gone")
    again = harness("score", "two", cwd=tmp_path)

    assert derived(tmp_path / "two") == before
    assert again.returncode == second.returncode
    assert again.stdout.splitlines()[-1] == second.stdout.splitlines()[-1]
