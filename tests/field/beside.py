"""`python -m tests.field.beside`: plain `st run` on the same services, as the same person, for as long.

A known defect counts as found when its twin shows a failure (kind, operation) that the sound twin does not,
of a kind that speaks of the defect (`beside.yaml`).
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.evidence.store import RunFolder
from harness.runner.finish import load_scored
from harness.target.file import load_target
from harness.target.launcher import Launcher
from tests.field import strangers
from tests.field.__main__ import drawn
from tests.field.catalogue import HOME, SERVICES
from tests.field.draw import FIRST
from tests.field.environments import Environment, build, cache_folder
from tests.field.running import SEED, is_finished, timing
from tests.field.table import all_detections, fails_of

Failure = tuple[str, str]

#: The beginnings of requirements that are judged by reading the document alone.
_READ = ("docs.", "testing.")


def st_run(file: Path, environment: Environment, report: Path, *, seconds: float, defects: str = "") -> None:
    """Launch the service, run Schemathesis with its defaults for `seconds`, and keep its JSON report."""
    if report.is_file():
        return
    target = load_target(str(file), {**os.environ, **environment.variables(defects)})
    redactor = Redactor([item.secret for item in target.identities], key=secrets.token_bytes(32))
    report.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="field-beside-") as scratch:
        launcher = Launcher(target, folder=RunFolder.create(Path(scratch) / "run"), redactor=redactor)
        with launcher.launch(Layer.FUZZ) as instance:
            session = next(iter(instance.sessions.values()), None)
            headers = dict(session.headers) if session else {}
            where = f"{instance.direct_url}{target.graphql or target.openapi}"
            prefix = instance.operations.prefix if target.openapi else target.graphql
            if target.openapi:
                where = str(instance.openapi_path)
            command = [
                "nice", "-n", "5", str(Path(sys.executable).with_name("st")), "run", where, "-w", "1",
                "--url", f"{instance.direct_url}{prefix}",
                "--max-time", str(int(seconds)), "--continue-on-failure", "--seed", str(SEED), "--no-color",
                "--report", "json", "--report-json-path", str(report),
                *(part for name, value in headers.items() for part in ("-H", f"{name}: {value}")),
            ]  # fmt: skip
            subprocess.run(
                command,
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=report.with_suffix(".log").open("wb"),
                stderr=subprocess.STDOUT,
                timeout=seconds * 2 + 60,
                check=False,
            )


def failures(report: Path) -> frozenset[Failure]:
    """Return what a report says failed: the kind of failure and the operation."""
    if not report.is_file() or not report.stat().st_size:
        return frozenset()
    found = json.loads(report.read_text(encoding="utf-8"))["failures"]
    return frozenset((item["type"], str(operation)) for item in found for operation in item["operations"])


def found_of(
    service: str, defects: Sequence[str], runs: Path, speaks: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return for each known defect the kinds of failure that speak of it and are new."""
    new = failures(runs / "beside" / service / "all.json") - failures(
        runs / "beside" / service / "sound.json"
    )
    kinds = {kind for kind, _ in new}
    return {defect: sorted(kinds & set(speaks.get(defect, ()))) for defect in defects}


def run_all(wanted: Sequence[str], runs: Path) -> None:
    """Run Schemathesis beside every run of the harness that there is."""
    for service in wanted:
        is_ours = service in SERVICES
        folder = HOME / service if is_ours else strangers.FOLDER / service
        environment = build(folder, cache_folder() if is_ours else cache_folder() / "strangers")
        twins = {"sound": "", "all": ",".join(drawn()[service])} if is_ours else {"as released": ""}
        for name, defects in twins.items():
            took = runs / service / name if is_ours else runs / "strangers" / service
            report = runs / "beside" / service / f"{name}.json"
            st_run(folder / "target.toml", environment, report, seconds=timing(took)[0], defects=defects)
            print(f"{service} {name}: {len(failures(report))} failures", flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One run of the harness and one of the tool, on the same service for as long; a rate is per minute."""

    service: str
    run: str
    findings: int
    seconds: float
    failures: int
    running: float

    @property
    def cells(self) -> str:
        """Return the figures as cells of a table."""
        ours, theirs = 60 * self.findings / self.seconds, 60 * self.failures / self.running
        ratio = f"{ours / theirs:.1f}" if theirs else ""
        counts = f"{self.findings} | {ours:.1f} | {self.failures} | {theirs:.1f}"
        return f"{self.service} | {self.run} | {counts} | {ratio}"


def pairs(runs: Path) -> tuple[Beside, ...]:
    """Return the runs that have one beside them.

    Of the harness' findings those that are read in the document count as little as the tool's warnings: a
    description that is missing is no failure of the service.
    """
    found = []
    for report in sorted((runs / "beside").glob("*/*.json")):
        service, run = report.parent.name, report.stem
        folder = runs / service / run if service in SERVICES else runs / "strangers" / service
        if not report.stat().st_size or not is_finished(folder):
            continue
        fails = fails_of(load_scored(folder))
        found.append(
            Beside(
                service=service,
                run=run,
                findings=sum(not requirement.startswith(_READ) for requirement, _ in fails),
                seconds=timing(folder)[0],
                failures=len(failures(report)),
                running=json.loads(report.read_text(encoding="utf-8"))["running_time"],
            )
        )
    return tuple(found)


def table(runs: Path) -> str:
    """Return what was found side by side, as Markdown: the rates, and the known defects."""
    speaks = yaml.safe_load((HOME / "beside.yaml").read_text(encoding="utf-8")) or {}
    lines = [
        "| service | run | findings | a minute | failures of `st run` | a minute | ratio |",
        "|---|---|--:|--:|--:|--:|--:|",
        *(f"| {item.cells} |" for item in pairs(runs)),
        "",
        "| service | known defects found by the harness | by `st run` | its failures on the sound twin |",
        "|---|--:|---|--:|",
    ]
    ours: dict[str, int] = dict.fromkeys(SERVICES, 0)
    for item in all_detections(runs):
        if item.draw == FIRST.run:
            ours[item.service] += bool(item.alone or item.together)
    caught = 0
    for service in SERVICES:
        found = found_of(service, drawn()[service], runs, speaks)
        hits = [f"{defect} ({', '.join(kinds)})" for defect, kinds in found.items() if kinds]
        caught += len(hits)
        sound = len(failures(runs / "beside" / service / "sound.json"))
        lines.append(f"| {service} | {ours[service]} | {'; '.join(hits) or 'none'} | {sound} |")
    total = sum(len(drawn()[service]) for service in SERVICES)
    told = f"Found by the harness: {sum(ours.values())} of {total}; by `st run` alone: {caught}."
    return "\n".join([*lines, "", told]) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-r", "--runs", type=Path, default=Path("reports/field"))
    parser.add_argument("--service", action="append", choices=[*SERVICES, *strangers.names()])
    parser.add_argument("-t", "--table", action="store_true", help="only write the table")
    chosen = parser.parse_args()
    if not chosen.table:
        run_all(chosen.service or [*SERVICES, *strangers.names()], chosen.runs)
    print(table(chosen.runs))
