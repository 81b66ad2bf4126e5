"""The fuzz layer against plain `st run`, on one service of fifty operations, one after the other.

A finding is an operation and a kind of failure, of those kinds that the layer looks for at all; both are
counted by the same hand. The time is that of the layer, the start of its target and the second asking
included, and that of the tool's process.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.layers.fuzz.report import CheckStatus, Scenario, read_report
from harness.layers.fuzz.rules import RULES
from tests.bench.rows import Row
from tests.targets.from_document import TOKEN

Found = frozenset[tuple[str, str]]

ROOT = Path(__file__).parents[2]
_SEED = 7
#: How the name of an operation begins; a stateful scenario of the tool has a name of its own.
_METHODS = ("GET ", "POST ", "PUT ", "DELETE ")
_TARGET = """
name = "fifty"
base_url = "http://127.0.0.1:{port}"
openapi = "/openapi.json"

[launch.processes.server]
command = ["%s", "-m", "tests.bench.stub", "{port}"]
directory = "%s"
ready = "/openapi.json"

[[identities]]
name = "reader"
kind = "bearer"
secret = "%s"

[consent]
writes = true
"""


def run_harness(folder: Path, *options: str) -> tuple[Path, float]:
    """Run the harness at depth standard on the service that it starts; return the run folder and the time."""
    target = folder / "fifty.toml"
    target.write_text(_TARGET % (sys.executable, ROOT, TOKEN), encoding="utf-8")
    out = folder / "out"
    command = [sys.executable, "-m", "harness", "run", str(target), "--seed", str(_SEED), "--out", str(out)]
    started = time.monotonic()
    subprocess.run(
        [*command, "--format", "json", "-q", *options],
        cwd=ROOT,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return out, time.monotonic() - started


def _of_harness(out: Path) -> Found:
    """Return what the layer reports as failed: each was shown a second time."""
    kinds = {rule.requirement for rule in RULES.values()}
    lines = (out / "engine-findings.ndjson").read_text(encoding="utf-8").splitlines()
    findings = [json.loads(line) for line in lines]
    return frozenset(
        (item["subject"], item["requirement"])
        for item in findings
        if item["layer"] == "fuzz" and item["outcome"] == "fail" and item["requirement"] in kinds
    )


@contextmanager
def _served() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.stub", str(port)], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        limit = time.monotonic() + 30
        while not _answers(url):
            assert time.monotonic() < limit, "the service does not start"
            time.sleep(0.05)
        yield url
    finally:
        server.kill()
        server.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/openapi.json", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _of_tool(folder: Path) -> tuple[Found, float]:
    """Run `st run` with its defaults, signed in, and return what failed there."""
    report = folder / "report.ndjson"
    with _served() as url:
        command = [
            str(Path(sys.executable).with_name("st")), "run", f"{url}/openapi.json",
            "-H", f"Authorization: Bearer {TOKEN}", "--seed", str(_SEED), "--no-color",
            "--report", "ndjson", "--report-ndjson-path", str(report),
        ]  # fmt: skip
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        started = time.monotonic()
        subprocess.run(
            command,
            cwd=folder,
            env=environ,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds = time.monotonic() - started
    found = frozenset(
        (case.label, RULES[check.name].requirement)
        for event in read_report(report)
        if isinstance(event, Scenario)
        for case in event.cases
        for check in case.checks
        if check.status is CheckStatus.FAILURE and check.name in RULES and case.label.startswith(_METHODS)
    )
    return found, seconds


def rows() -> Iterator[Row]:
    """Run both, and then everything together for the time of a whole run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        out, _ = run_harness(folder, "--layer", "fuzz")
        found = _of_harness(out)
        ours = json.loads((out / "run.json").read_text(encoding="utf-8"))["layers"]["fuzz"]["seconds"]
        known, theirs = _of_tool(folder)
    yield Row(
        name=f"fuzz layer / st run: findings ({len(found & known)} common)",
        unit="findings",
        ours=len(found),
        yardstick=len(known),
    )
    yield Row(name="fuzz layer / st run: time", unit="s", ours=ours, yardstick=theirs)
    yield Row(
        name="fuzz layer / st run: findings per minute",
        unit="per minute",
        ours=60 * len(found) / ours,
        yardstick=60 * len(known) / theirs,
        goal=">= 2",
    )
