"""Bad input gets a clear message and the right exit code, and loses nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.servers import Answer, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]

READ_METHODS = {"GET", "HEAD", "OPTIONS"}


def harness(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def not_found(_method: str, _path: str) -> Answer:
    return 404, "text/plain", b"not found"


def test_an_unknown_key_is_named_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('name = "x"\nbase_url = "http://127.0.0.1:9"\nprofle = "core"\n')

    ended = harness("run", "t.toml", cwd=tmp_path)

    assert ended.returncode == 2
    assert "profle" in ended.stderr
    assert "profile" in ended.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    ended = harness("run", "nowhere.toml", cwd=tmp_path)

    assert ended.returncode == 2
    assert "nowhere.toml" in ended.stderr


def test_a_dead_target_is_unreachable_and_not_a_failure(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]

    ended = harness("run", f"http://127.0.0.1:{port}", cwd=tmp_path)

    assert ended.returncode == 4, ended.stderr
    assert str(port) in ended.stderr


def test_no_check_passes_on_a_server_that_answers_404_to_everything(tmp_path: Path) -> None:
    with serving(not_found) as (url, seen):
        ended = harness("run", url, "--depth", "quick", "--out", "out", cwd=tmp_path)

    findings = [json.loads(line) for line in (tmp_path / "out/findings.ndjson").read_text().splitlines()]
    engine = [item for item in findings if item["layer"] not in {"judges", "probe"}]
    assert [item for item in engine if item["outcome"] == "pass"] == []
    assert ended.returncode in {1, 5, 7}, ended.stdout + ended.stderr
    assert {method for method, _ in seen} <= READ_METHODS


def test_a_url_alone_is_only_read(tmp_path: Path) -> None:
    """Nothing but GET, HEAD and OPTIONS reaches a server of which only the address is known."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/things": {
                "get": {"responses": {"200": {"description": "all"}}},
                "post": {"responses": {"201": {"description": "made"}}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            }
        },
    }

    def answer(method: str, path: str) -> Answer:
        if path == "/openapi.json":
            return 200, "application/json", json.dumps(document).encode()
        return (200, "application/json", b"[]") if path.startswith("/things") else not_found(method, path)

    with serving(answer) as (url, seen):
        harness("run", url, "--depth", "quick", "--out", "out", cwd=tmp_path)

    assert any(path.startswith("/things") for _, path in seen)
    assert {method for method, _ in seen} <= READ_METHODS


def test_a_document_that_does_not_parse_is_said_and_crashes_nothing(tmp_path: Path) -> None:
    def answer(method: str, path: str) -> Answer:
        return (
            (200, "application/json", b'{"openapi": ') if path == "/openapi.json" else not_found(method, path)
        )

    with serving(answer) as (url, _):
        ended = harness("run", url, "--depth", "quick", "--out", "out", cwd=tmp_path)

    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["capabilities"]["openapi"]["state"] == "broken"
    assert ended.returncode in {1, 5, 7}, ended.stderr
    assert "Traceback" not in ended.stderr


def slow_run(tmp_path: Path, url: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", url, "--out", "out"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 60
    recorded = tmp_path / "out" / "exchanges.ndjson"
    while not (recorded.is_file() and recorded.stat().st_size > 2000):
        assert time.monotonic() < limit, "nothing was recorded"
        assert child.poll() is None, child.communicate()
        time.sleep(0.02)  # polling another process, not waiting for time to pass
    return child


def test_a_run_killed_at_any_moment_can_be_scored_and_says_it_is_incomplete(tmp_path: Path) -> None:
    with serving(not_found) as (url, _):
        child = slow_run(tmp_path, url)
        child.send_signal(signal.SIGKILL)
        child.communicate()

        ended = harness("score", "out", cwd=tmp_path)

    assert ended.returncode != 0
    assert "incomplete" in ended.stdout.lower()
    assert (tmp_path / "out" / "report.html").is_file()


def test_ctrl_c_keeps_what_was_measured_and_marks_it_incomplete(tmp_path: Path) -> None:
    with serving(not_found) as (url, _):
        child = slow_run(tmp_path, url)
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=60)

    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["interrupted"]
    assert "incomplete" in output.lower() or child.returncode == 7
    assert child.returncode in {1, 5, 7}


@pytest.mark.parametrize("size", [100, 6000, 60_000], ids=["from the start", "soon", "later"])
def test_a_disk_that_cannot_be_written_is_the_harness_own_fault(tmp_path: Path, size: int) -> None:
    """A limit on file size stands for a full disk: every write past it fails with an OSError."""
    program = (
        "import resource, sys\n"
        "sys.dont_write_bytecode = True\n"  # or it leaves modules cut short for whoever imports next
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "from harness.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    with serving(not_found) as (url, _):
        ended = subprocess.run(
            [sys.executable, "-c", program, "run", url, "--depth", "quick", "--out", "out"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )

    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_scoring_a_folder_that_is_no_run_is_a_usage_error(tmp_path: Path) -> None:
    ended = harness("score", ".", cwd=tmp_path)

    assert ended.returncode == 2
    assert "run.json" in ended.stderr
