"""What Allure shows besides results: earlier runs, in the forms of both generations, and what ran this one.

Allure keeps history by copying files out of the last report; here it comes from the run folder, so that a
trend needs nothing but the results. Run Allure 3 inside the folder: `allure generate . -o ../allure-report`
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.core.history import Entry
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting.reading import utf8

STATUS = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.ERROR: "broken",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
}
_STATES = ("failed", "broken", "skipped", "passed", "unknown")


def executor_files(scored: ScoredRun) -> Mapping[str, Any]:
    """Return executor.json: the build where a CI ran it, else the harness itself."""
    run = scored.run
    order = len(scored.past.entries) + 1 if scored.past else 1
    built = run.executor
    record: dict[str, Any] = {
        "name": built.get("name") or "CORE Harness",
        "type": built.get("type") or "harness",
        "buildName": built.get("build") or run.id,
        "buildOrder": order,
        "reportName": f"{run.target}: integration maturity",
    }
    if url := built.get("url"):
        record |= {"url": url, "buildUrl": url}
    return {"executor.json": record}


def history_files(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return the earlier runs, if any: history.jsonl is Allure 3's, history/history-trend.json Allure 2's."""
    if scored.past is None:
        return {}
    entries = scored.past.entries
    lines = "".join(json.dumps(_data_point(entry), ensure_ascii=False) + "\n" for entry in entries)
    trend = [_trend_item(entry, order) for order, entry in enumerate(entries, start=1)][::-1]
    return {
        "history.jsonl": utf8(lines),
        "history/history-trend.json": utf8(json.dumps(trend, indent=1)),
    }


def _data_point(entry: Entry) -> dict[str, Any]:
    """Return one run as Allure 3 remembers it: results by the key it makes of test case and parameters."""
    at = moment(entry.started)
    start = milliseconds(at) if at else 0
    cases = {name: digest(digest(name, entry.target)) for name in entry.requirements}
    parameters = digest(f"target:{entry.target}")
    return {
        "uuid": digest(entry.run),
        "name": entry.run,
        "timestamp": start,
        "knownTestCaseIds": sorted(cases.values()),
        "testResults": {
            f"{cases[name]}.{parameters}": {
                "id": digest(entry.run, name),
                "name": name,
                "fullName": f"harness#{name}",
                "environment": "default",
                "status": STATUS[outcome],
                "message": outcome.value,
                "start": start,
                "stop": start,
                "duration": 0,
                "labels": [],
                "url": "",
                "historyId": f"{cases[name]}.{parameters}",
                "reportLinks": [],
            }
            for name, outcome in sorted(entry.requirements.items())
        },
        "metrics": {},
        "url": "",
    }


def _trend_item(entry: Entry, order: int) -> dict[str, Any]:
    counted = Counter(STATUS[outcome] for outcome in entry.requirements.values())
    return {
        "buildOrder": order,
        "reportName": entry.run,
        "data": {**{state: counted[state] for state in _STATES}, "total": sum(counted.values())},
    }


def moment(text: str) -> datetime | None:
    """Return a recorded moment, in UTC where it names no zone, or None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """Return a moment as Allure writes it."""
    return int(at.timestamp() * 1000)


def digest(*parts: str) -> str:
    """Return the id of what the parts name."""
    return hashlib.md5("\x00".join(parts).encode(), usedforsecurity=False).hexdigest()
