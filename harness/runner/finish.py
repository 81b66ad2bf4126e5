"""From recorded evidence to reports; everything here works with the target switched off."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.catalogue.rubric import Rubric, rubric_from_json
from harness.core.errors import UsageProblem
from harness.core.exchange import Exchange
from harness.core.finding import finding_to_json
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.operation import Operations
from harness.core.run import RunRecord, run_from_json
from harness.core.vigil import beyond_deaths, deaths
from harness.evidence.store import RunFolder
from harness.judges.confirming import confirmed_judgements
from harness.judges.judging import judge_all
from harness.judges.protocol import Recorded
from harness.reporting.registry import reports
from harness.runner import request_log
from harness.runner.history import read_copy
from harness.scoring.assemble import assemble
from harness.target.documents import is_crawled

#: What `harness score` deletes and makes again; all else in a run folder is evidence.
DERIVED = (
    "findings.ndjson",
    request_log.NAME,
    "maturity.json",
    "verdict.json",
    "report.html",
    "report.md",
    "junit.xml",
    "findings.sarif",
    "badge.svg",
    "summary.md",
    "allure-results",
)


def score_folder(path: Path, *, formats: Sequence[str] = ()) -> ScoredRun:
    """Delete and rebuild everything derived in a run folder; raises UsageProblem when it is not one."""
    scored = load_scored(path)
    remove_derived(path)
    write_reports(path, scored, formats=formats)
    return scored


def load_scored(path: Path) -> ScoredRun:
    """Score a run folder in memory; raises UsageProblem when it is not one."""
    folder = RunFolder(path)
    if not folder.run_json.is_file():
        raise UsageProblem(
            f"{path}: no run.json here, so this is no run folder",
            remedy="name a folder that `harness run` wrote, e.g. reports/<run-id>",
        )
    run = run_from_json(json.loads(folder.run_json.read_bytes()))
    rubric = rubric_from_json(json.loads(folder.rubric_json.read_bytes()))
    return scored_run(folder, run, rubric)


def named_dependencies(run: RunRecord) -> tuple[str, ...]:
    """Return what the target file named behind the target, as the probe noted it."""
    found = run.capabilities.get("dependencies")
    return found.items if found else ()


def scored_run(folder: RunFolder, run: RunRecord, rubric: Rubric) -> ScoredRun:
    """Judge the recorded exchanges again and weigh them with what the engines found."""
    exchanges = tuple(folder.read_exchanges())
    recorded = Recorded(
        exchanges=exchanges,
        operations=Operations(run.operations, prefix=run.path_prefix),
        openapi=recorded_document(folder, run),
        base_url=origin_of(run.base_url),
        dependencies=named_dependencies(run),
    )
    by_id = _by_id(exchanges)
    died = deaths(exchanges, recorded.operations)
    looked = {Layer(name) for name, record in run.layers.items() if record.looked_again}
    judged = confirmed_judgements(judge_all(recorded), exchanges, looked=looked)
    return assemble(
        run,
        rubric.requirements,
        engine_findings=tuple(beyond_deaths(folder.read_findings(), by_id, died)),
        judge_findings=tuple(beyond_deaths(judged, by_id, died)),
        exchanges=by_id,
        not_scored=rubric.not_scored,
        earlier=read_copy(folder),
    )


def origin_of(url: str) -> str:
    """Return scheme and authority: the recorded targets of requests are whole paths."""
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.split("/", 1)[0]


def recorded_document(folder: RunFolder, run: RunRecord) -> Mapping[str, Any] | None:
    """Return the OpenAPI document as the run found it, None where there was none."""
    if not run.openapi_attachment:
        return None
    document: Mapping[str, Any] = json.loads(folder.read_attachment(run.openapi_attachment))
    return None if is_crawled(document) else document  # what a crawl wrote is none of the target's own words


def _by_id(exchanges: Sequence[Exchange]) -> Mapping[str, Exchange]:
    return {exchange.id: exchange for exchange in exchanges}


def remove_derived(path: Path) -> None:
    """Remove what can be made again from the evidence."""
    for name in DERIVED:
        derived = path / name
        if derived.is_dir():
            shutil.rmtree(derived)
        else:
            derived.unlink(missing_ok=True)


def write_reports(path: Path, scored: ScoredRun, *, formats: Sequence[str] = ()) -> tuple[Path, ...]:
    """Write findings.ndjson and the chosen reports (all when none is named); return the files."""
    lines = (
        json.dumps(finding_to_json(item, target=scored.run.target), sort_keys=True)
        for item in scored.findings
    )
    (path / "findings.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    log = request_log.request_lines(RunFolder(path).read_exchanges())
    (path / request_log.NAME).write_text("".join(f"{line}\n" for line in log), encoding="utf-8")
    written: list[Path] = []
    for report in reports():
        if formats and report.id not in {*formats, "verdict"}:
            continue
        for name, content in report.render(scored).items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            written.append(file)
    return tuple(written)
