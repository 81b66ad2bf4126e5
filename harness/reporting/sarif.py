"""findings.sarif: SARIF 2.1.0 that GitHub code scanning takes, pointing at the lines of the OpenAPI document.

Only failures are results: GitHub opens an alert for every result whatever its kind, and what was not measured
is no alert. It is told as notifications of the invocation. Uploads whose locations have a scheme are refused
as a whole, so documents are named by relative addresses.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.core.area import Area
from harness.core.exchange import Exchange, Message
from harness.core.finding import fingerprint
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.requirement import Requirement
from harness.core.severity import Severity, severity_of
from harness.reporting.protocol import Report
from harness.reporting.reading import Cell, cells, deciding, expected_failure, failures, utf8

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: GitHub refuses a run with more results, and shows no more than this many of them.
MOST_RESULTS = 25_000
MOST_SHOWN = 5_000
_MOST_CONVERSATIONS = 1_000
_MOST_BODY = 2_000
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return findings.sarif."""
    record = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(scored)]}
    return {"findings.sarif": utf8(json.dumps(record, indent=1, ensure_ascii=False) + "\n")}


def _run(scored: ScoredRun) -> dict[str, Any]:
    run, verdict = scored.run, scored.verdict
    failed = failures(scored)
    rules = [result.requirement for area in scored.maturity.areas for result in area.requirements]
    index = {rule.id: at for at, rule in enumerate(rules)}
    times = {"startTimeUtc": _utc(run.started), "endTimeUtc": _utc(run.finished)}
    return {
        "tool": {
            "driver": {
                "name": "CORE Harness",
                "version": run.versions.get("core-harness", "0"),
                "rules": [_rule(item) for item in rules],
            }
        },
        "automationDetails": {"id": f"harness/{run.target}/"},
        "columnKind": "unicodeCodePoints",
        "artifacts": [_artifact(scored)],
        "invocations": [
            {
                "executionSuccessful": verdict.exit_code not in {2, 3},
                "exitCode": verdict.exit_code,
                "exitCodeDescription": verdict.reason,
                **{name: moment for name, moment in times.items() if moment},
                "toolExecutionNotifications": _notifications(scored, len(failed)),
            }
        ],
        "results": [
            _result(cell, scored, index, is_told=at < _MOST_CONVERSATIONS)
            for at, cell in enumerate(failed[:MOST_RESULTS])
        ],
        "properties": {"run": run.id, "rubric": f"{run.rubric_version} {run.rubric_hash[:12]}"},
    }


def _rule(requirement: Requirement) -> dict[str, Any]:
    severity = severity_of(requirement)
    tags = [requirement.area.value, requirement.level.value, "MUST" if requirement.must else "advice"]
    sources = "; ".join(requirement.source)
    properties: dict[str, Any] = {"precision": "very-high", "problem.severity": _level(requirement)}
    if requirement.area is Area.SECURITY:
        properties["security-severity"] = _SECURITY_SEVERITY[severity]
    return {
        "id": requirement.id,
        "shortDescription": {"text": requirement.statement},
        "fullDescription": {"text": f"{requirement.statement} Source: {sources}."},
        "help": {
            "text": f"{requirement.remedy}\nEffort: {requirement.effort}. Source: {sources}.",
            "markdown": f"**Remedy** ({requirement.effort} effort): {requirement.remedy}\n\n"
            f"**Source**: {sources}\n\nShow it again with `harness explain {requirement.id}`.",
        },
        "defaultConfiguration": {"level": _level(requirement)},
        "properties": {"tags": tags, "severity": severity.value, **properties},
    }


def _level(requirement: Requirement) -> str:
    """Return `error` for what turns the verdict red, else what its severity deserves."""
    if requirement.must:
        return "error"
    return "note" if severity_of(requirement) is Severity.LOW else "warning"


def _result(cell: Cell, scored: ScoredRun, index: Mapping[str, int], *, is_told: bool) -> dict[str, Any]:
    requirement, subject = cell.result.requirement, cell.subject.subject
    found = deciding(cell)
    seen = " ".join(dict.fromkeys(item.seen for item in found if item.seen))
    name = fingerprint(requirement.id, subject, scored.run.target)
    record: dict[str, Any] = {
        "ruleId": requirement.id,
        "ruleIndex": index[requirement.id],
        "kind": "fail",
        "level": _level(requirement),
        "message": {"text": f"{requirement.statement} On {subject}: {seen or cell.subject.reason}"},
        "locations": [_location(subject, scored)],
        "partialFingerprints": {"harnessFinding/v1": name, "primaryLocationLineHash": f"{name}:1"},
        "properties": {
            "reason": cell.subject.reason,
            "severity": severity_of(requirement).value,
            "layers": sorted({item.layer.value for item in found}),
        },
    }
    if lines := list(dict.fromkeys(item.reproduction for item in found if item.reproduction)):
        record["properties"]["reproduction"] = lines
    if excuse := expected_failure(cell, scored):
        record["suppressions"] = [{"kind": "external", "status": "accepted", "justification": excuse}]
    if is_told:
        record |= _conversation(found[0].exchanges if found else (), scored.exchanges)
    return record


def _location(subject: str, scored: ScoredRun) -> dict[str, Any]:
    operation = next((item for item in scored.run.operations if item.subject == subject), None)
    line, column = (operation.line, operation.column) if operation is not None else (0, 0)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": document_address(scored), "index": 0},
            "region": {"startLine": line or 1, "startColumn": column or 1},
        },
        "logicalLocations": [{"fullyQualifiedName": subject, "kind": "function" if operation else "module"}],
    }


def document_address(scored: ScoredRun) -> str:
    """Return the relative address of the OpenAPI document, or of the target where there is none.

    A target on this machine has another port in every run, so its host says nothing; a deployment's does.
    """
    run = scored.run
    authority, _, base = run.base_url.partition("://")[2].partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].strip("[]")
    path = run.openapi_path.split("?", 1)[0].strip("/") or base.strip("/")
    is_local = host in {"127.0.0.1", "localhost", ""} or host.startswith("::")
    parts = [*([] if is_local else [host]), *([path] if path else [])]
    return "/".join(parts).replace(" ", "%20") or "target"


def _artifact(scored: ScoredRun) -> dict[str, Any]:
    run = scored.run
    address = run.base_url.rstrip("/") + (run.openapi_path or "/")
    what = "OpenAPI document" if run.openapi_path else "target"
    return {
        "location": {"uri": document_address(scored)},
        "description": {"text": f"the {what} of {run.target}, {address}"},
        "roles": ["analysisTarget"],
    }


def _notifications(scored: ScoredRun, failed: int) -> Sequence[dict[str, Any]]:
    told: list[tuple[str, str, str]] = []
    if failed > MOST_RESULTS:
        told.append(
            ("warning", "results-cut", f"{failed} failures; the {MOST_RESULTS} worst are here, worst first")
        )
    elif failed > MOST_SHOWN:
        told.append(
            ("note", "results-many", f"{failed} failures, worst first; GitHub shows the first {MOST_SHOWN}")
        )
    if not scored.run.is_complete:
        told.append(("warning", "run-incomplete", scored.run.interrupted or "the run was cut short"))
    opened = Counter(
        (cell.result.requirement.id, cell.subject.reason)
        for cell in cells(scored)
        if cell.subject.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR}
    )
    told += [
        ("note", requirement, f"{requirement} was not measured on {number} subjects: {reason}")
        for (requirement, reason), number in sorted(opened.items())
    ]
    return [
        {"level": level, "descriptor": {"id": code}, "message": {"text": text}} for level, code, text in told
    ]


def _conversation(names: Sequence[str], exchanges: Mapping[str, Exchange]) -> dict[str, Any]:
    exchange = next((exchanges[name] for name in names if name in exchanges), None)
    if exchange is None:
        return {}
    request, response = exchange.request, exchange.response
    answered: dict[str, Any] = {"noResponseReceived": True}
    if response is not None:
        answered = {"statusCode": response.status, **_message(response)}
    return {
        "webRequest": {"method": request.method, "target": request.target, **_message(request)},
        "webResponse": answered,
    }


def _message(message: Message) -> dict[str, Any]:
    record: dict[str, Any] = {"protocol": "http", "headers": dict(message.headers)}
    if message.body and not message.body_is_base64:
        record["body"] = {"text": message.body[:_MOST_BODY]}
    return record


def _utc(moment: str) -> str:
    """Return a moment of the record the way SARIF writes it, or nothing when it is in another zone."""
    return moment.removesuffix("+00:00")[:23] + "Z" if moment.endswith("+00:00") else ""


REPORT = Report(id="sarif", title="Findings (SARIF)", render=render)
