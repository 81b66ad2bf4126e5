"""A layer that has nothing to do is left out with its reason, and the run ends by its findings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.servers import Answer, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(120)]

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {"/things": {"get": {"responses": {"200": {"description": "all"}}}}},
}
#: What the server keeps, so that the exit code is that of the run and of nothing else.
KEPT = (
    *("--select", "errors.no-server-errors", "--select", "errors.unknown-path-not-found"),
    *("--depth", "quick", "--seed", "5"),
)


def answer(_method: str, path: str) -> Answer:
    if path == "/openapi.json":
        return 200, "application/json", json.dumps(DOCUMENT).encode()
    return (200, "application/json", b"[]") if path == "/things" else (404, "application/json", b"{}")


def harness(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=110, check=False)


def target_file(folder: Path, url: str) -> str:
    file = folder / "target.toml"
    file.write_text(
        f'name = "there"\nbase_url = "{url}"\nopenapi = "/openapi.json"\n[consent]\nwrites = true\n'
    )
    return str(file)


def test_a_target_without_pacts_ends_by_its_findings(tmp_path: Path) -> None:
    with serving(answer) as (url, _):
        ended = harness("run", target_file(tmp_path, url), *KEPT, "--out", "out", cwd=tmp_path)

    layers = json.loads((tmp_path / "out/run.json").read_text())["layers"]
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (layers["contracts"]["completion"], layers["contracts"]["exchanges"]) == ("skipped", 0)
    assert "| contracts | skipped the target file names no `pacts` |" in (
        tmp_path / "out/report.md"
    ).read_text(encoding="utf-8")


def test_a_bare_url_ends_by_its_findings(tmp_path: Path) -> None:
    with serving(answer) as (url, _):
        ended = harness("run", url, *KEPT, "--out", "out", cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_plan_says_what_is_left_out_and_why(tmp_path: Path) -> None:
    with serving(answer) as (url, _):
        ended = harness("plan", target_file(tmp_path, url), cwd=tmp_path)

    assert "contracts has nothing to do: the target file names no `pacts`" in ended.stdout
    assert "layers: scenarios, fuzz" in ended.stdout


def test_a_layer_that_was_asked_for_by_name_does_not_get_away_with_nothing(tmp_path: Path) -> None:
    with serving(answer) as (url, _):
        ended = harness("run", target_file(tmp_path, url), "--layer", "contracts", cwd=tmp_path)

    assert ended.returncode == 7, ended.stdout + ended.stderr
    assert "layer contracts nothing-ran: the target file names no `pacts`" in ended.stdout
