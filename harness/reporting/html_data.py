"""What the lists of the report page show, as JSON that cannot break out of its tag."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.core.area import Area
from harness.core.exchange import Exchange, Message
from harness.core.finding import Finding, fingerprint
from harness.core.maturity import RequirementResult, ScoredRun, SubjectResult
from harness.core.outcome import Outcome
from harness.core.requirement import Requirement
from harness.core.severity import severity_of
from harness.reporting.causes import causes
from harness.reporting.marking import marks_of
from harness.reporting.openings import gain, openings
from harness.reporting.reading import unplanned

#: Per finding and in the whole page; the rest stays in exchanges.ndjson, and the page says so.
_MOST_PER_FINDING = 3
_MOST_EXCHANGES = 2000
_MOST_BODY = 6000
_RFC = re.compile(r"RFC (\d+)(?: (?:section )?(\d+(?:\.\d+)*))?")


def page_data(scored: ScoredRun) -> dict[str, Any]:
    """Return what the lists of the page show."""
    same = {
        (cell.requirement.id, cell.subject.subject): number
        for number, cause in enumerate(causes(scored))
        for cell in cause.cells
    }
    listed = [
        _requirement(item, scored, same) for area in scored.maturity.areas for item in area.requirements
    ]
    named = _named_exchanges(scored)
    return {
        "run": scored.run.id,
        "layers": sorted({item.layer.value for item in scored.findings}),
        "areas": [{"id": area.value, "label": area.label} for area in Area],
        "requirements": listed,
        "exchanges": {name: _exchange(scored.exchanges[name]) for name in named},
        "openings": [
            {
                "reason": item.reason,
                "subjects": item.subjects,
                "gain": gain(item.share),
                "advice": item.advice,
                "lines": list(item.lines),
            }
            for item in openings(scored)
        ],
        "unplanned": [
            {"requirement": item.requirement, "subject": item.subject, **_finding(item, scored)}
            for item in unplanned(scored)
        ],
    }


def embedded(data: Mapping[str, Any]) -> str:
    """Return JSON for a script element; no text inside it can end the element or start a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _requirement(
    item: RequirementResult, scored: ScoredRun, same: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    requirement = item.requirement
    return {
        "id": requirement.id,
        "area": requirement.area.value,
        "must": requirement.must,
        "severity": severity_of(requirement).value,
        "level": requirement.level.value,
        "evidence": requirement.evidence.value,
        "statement": requirement.statement,
        "remedy": requirement.remedy,
        "effort": requirement.effort,
        "source": _sources(requirement),
        "outcome": item.outcome.value,
        "cells": [
            _cell(subject, requirement.id, scored, same.get((requirement.id, subject.subject)))
            for subject in item.subjects
        ],
    }


def _sources(requirement: Requirement) -> list[dict[str, str]]:
    """Return each source with an address where it is an RFC; nothing is fetched, a reader may follow it."""
    found = []
    for source in requirement.source:
        match = _RFC.fullmatch(source)
        address = ""
        if match:
            section = f"#section-{match.group(2)}" if match.group(2) else ""
            address = f"https://www.rfc-editor.org/rfc/rfc{match.group(1)}{section}"
        found.append({"text": source, "href": address})
    return found


def _cell(subject: SubjectResult, requirement: str, scored: ScoredRun, cause: int | None) -> dict[str, Any]:
    """Return one subject; failures of one cause carry its number and their own name for `harness replay`."""
    record: dict[str, Any] = {
        "subject": subject.subject,
        "outcome": subject.outcome.value,
        "reason": subject.reason,
        "findings": [_finding(item, scored) for item in subject.findings],
    }
    if cause is not None:
        name = f"{requirement} {subject.subject}"
        record |= {"cause": cause, "id": fingerprint(requirement, subject.subject, scored.run.target)[:12]}
        if excuse := scored.run.gates.expected_failures.get(name):
            record["excuse"] = excuse
    return record


def _finding(item: Finding, scored: ScoredRun) -> dict[str, Any]:
    """Return a finding without its empty members."""
    record: dict[str, Any] = {
        "outcome": item.outcome.value,
        "reason": item.reason,
        "layer": item.layer.value,
        "producer": item.producer,
        "expected": item.expected,
        "seen": item.seen,
        "exchanges": list(item.exchanges),
        "reproduction": item.reproduction,
        "attachments": list(item.attachments),
        "measurements": {
            name: {
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "limit": found.limit,
                "samples": found.samples,
            }
            for name, found in sorted(item.measurements.items())
        },
        "attempts": item.attempts if item.attempts > 1 else 0,
        "marks": _marks(item, scored) if item.outcome is Outcome.FAIL else {},
    }
    return {name: value for name, value in record.items() if value}


def _marks(item: Finding, scored: ScoredRun) -> dict[str, Any]:
    """Return, by exchange, which parts of the answer the finding is about."""
    found = {}
    for name in item.exchanges[:_MOST_PER_FINDING]:
        exchange = scored.exchanges.get(name)
        if exchange is not None and (marks := marks_of(item, exchange.response)):
            found[name] = {key: value for key, value in asdict(marks).items() if value}
    return found


def _named_exchanges(scored: ScoredRun) -> Sequence[str]:
    """Return the exchanges worth carrying: those behind what did not pass, failures first."""
    named: dict[str, None] = {}
    for outcome in (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE):
        for finding in scored.findings:
            if finding.outcome is outcome:
                named.update(dict.fromkeys(finding.exchanges[:_MOST_PER_FINDING]))
    return [name for name in named if name in scored.exchanges][:_MOST_EXCHANGES]


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    record: dict[str, Any] = {
        "request": {"line": f"{request.method} {request.target}", **_message(request)},
        "response": None
        if response is None
        else {"line": f"{response.status}", "seconds": response.elapsed, **_message(response)},
        "identity": exchange.identity,
        "step": exchange.step,
        "gap": exchange.gap,
        "fault": exchange.fault_active,
    }
    return {name: value for name, value in record.items() if value}


def _message(message: Message) -> dict[str, Any]:
    body = message.body or ""
    is_cut = message.is_truncated or len(body) > _MOST_BODY
    record = {
        "headers": [list(pair) for pair in message.headers],
        "body": body[:_MOST_BODY],
        "base64": message.body_is_base64,
        "cut": message.body_size if is_cut else 0,
    }
    return {name: value for name, value in record.items() if value}
