"""Allure results: one result per requirement, one step per subject, written without Allure's own writer.

Ids come from what is reported and times from the evidence, so the same evidence gives the same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from harness.core.exchange import Exchange, Message
from harness.core.maturity import AreaScore, RequirementResult, ScoredRun, SubjectResult
from harness.core.outcome import Outcome
from harness.core.requirement import Requirement
from harness.core.severity import Severity, severity_of
from harness.reporting.allure_past import STATUS, digest, executor_files, history_files, milliseconds, moment
from harness.reporting.protocol import Report
from harness.reporting.reading import score_text, utf8

_FOLDER = "allure-results"
_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "normal",
    Severity.LOW: "minor",
}
_WORD = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.ERROR: "error",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.NOT_APPLICABLE: "not applicable",
}
#: Name, status and the beginning of the message by which Allure sorts a result; patterns that both Java
#: (Allure 2, categories.json) and JavaScript (Allure 3, its configuration) read alike.
_CATEGORIES = [
    {"name": name, "matchedStatuses": [status], "messageRegex": f"^{beginning}[\\s\\S]*"}
    for name, status, beginning in (
        ("MUST failed", "failed", "failed \\(MUST\\)"),
        ("Advice not followed", "failed", "failed \\(advice\\)"),
        ("Inconclusive: not measured", "skipped", "inconclusive"),
        ("Not applicable", "skipped", "not applicable"),
        ("The check itself failed", "broken", "error"),
    )
]
_MOST_EXCHANGES = 3
_MOST_TOLD = 5


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return the files of an Allure results folder."""
    files: dict[str, bytes] = {}
    for area in scored.maturity.areas:
        for result in area.requirements:
            writer = _ResultWriter(scored, area, result, files)
            files[f"{writer.uuid}-result.json"] = _json(writer.result())
    files["categories.json"] = _json(_CATEGORIES)
    name = f"{scored.run.target}: integration maturity"
    files["allurerc.json"] = _json({"name": name, "categories": _CATEGORIES, "historyPath": "history.jsonl"})
    files |= {file: _json(record) for file, record in executor_files(scored).items()}
    files |= history_files(scored)
    files["environment.properties"] = _environment(scored)
    return {f"{_FOLDER}/{name}": content for name, content in sorted(files.items())}


class _ResultWriter:
    def __init__(
        self, scored: ScoredRun, area: AreaScore, result: RequirementResult, files: dict[str, bytes]
    ) -> None:
        self._scored = scored
        self._area = area
        self._result = result
        self._files = files
        self._history = digest(result.requirement.id, scored.run.target)
        self.uuid = str(UUID(digest(scored.run.id, result.requirement.id, scored.run.target)))

    def result(self) -> dict[str, Any]:
        requirement = self._result.requirement
        start, stop = self._times(
            name for subject in self._result.subjects for item in subject.findings for name in item.exchanges
        )
        return {
            "uuid": self.uuid,
            "historyId": self._history,
            "testCaseId": self._history,
            "fullName": f"harness#{requirement.id}",
            "name": requirement.id,
            "description": _description(requirement),
            "status": STATUS[self._result.outcome],
            "statusDetails": {"message": self._message()},
            "stage": "finished",
            "start": start,
            "stop": stop,
            "labels": [{"name": name, "value": value} for name, value in self._labels()],
            "links": [],
            "parameters": [{"name": "target", "value": self._scored.run.target}],
            "steps": [self._step(subject) for subject in self._result.subjects],
            "attachments": [],
        }

    def _labels(self) -> Iterable[tuple[str, str]]:
        requirement = self._result.requirement
        topic = requirement.id.split(".", 1)[0]
        yield "epic", self._area.area.label
        yield "feature", topic
        yield "story", requirement.statement
        yield "severity", _SEVERITY[severity_of(requirement)]
        yield "parentSuite", self._area.area.label
        yield "suite", topic
        yield "framework", "harness"
        yield "requirement", requirement.id
        yield "tag", "MUST" if requirement.must else "advice"
        yield "tag", requirement.level.value
        for layer in sorted({item.layer.value for part in self._result.subjects for item in part.findings}):
            yield "layer", layer

    def _message(self) -> str:
        """Return a message that begins with the word its category is known by."""
        outcome, requirement = self._result.outcome, self._result.requirement
        kind = f" ({'MUST' if requirement.must else 'advice'})" if outcome is Outcome.FAIL else ""
        same = [item for item in self._result.subjects if item.outcome is outcome]
        told = "; ".join(f"{item.subject} ({item.reason})" for item in same[:_MOST_TOLD])
        rest = f" and {len(same) - _MOST_TOLD} more" if len(same) > _MOST_TOLD else ""
        return f"{_WORD[outcome]}{kind} on {len(same)} of {len(self._result.subjects)}: {told}{rest}"

    def _step(self, subject: SubjectResult) -> dict[str, Any]:
        deciding = [item for item in subject.findings if item.outcome is subject.outcome]
        names = [name for item in deciding for name in item.exchanges]
        start, stop = self._times(names)
        attachments = []
        if subject.outcome is not Outcome.PASS:
            attachments = [
                self._attach(f"exchange {name}", _exchange_text(self._scored.exchanges[name]))
                for name in list(dict.fromkeys(names))[:_MOST_EXCHANGES]
                if name in self._scored.exchanges
            ]
            lines = [item.reproduction for item in deciding if item.reproduction]
            if lines:
                attachments.append(self._attach("reproduction", "\n".join(dict.fromkeys(lines))))
        trace = "\n".join(
            f"{item.producer}: expected {item.expected}; seen {item.seen}" for item in deciding if item.seen
        )
        message = f"{_WORD[subject.outcome]}: {subject.reason}"
        return {
            "name": subject.subject,
            "status": STATUS[subject.outcome],
            "statusDetails": {"message": message, **({"trace": trace} if trace else {})},
            "stage": "finished",
            "start": start,
            "stop": stop,
            "steps": [],
            "parameters": [],
            "attachments": attachments,
        }

    def _attach(self, name: str, text: str) -> dict[str, str]:
        content = utf8(text)
        source = f"{hashlib.sha256(content).hexdigest()[:32]}-attachment.txt"
        self._files[source] = content
        return {"name": name, "source": source, "type": "text/plain"}

    def _times(self, names: Iterable[str]) -> tuple[int, int]:
        """Return start and stop in milliseconds from the exchanges named, else from the run itself."""
        run = self._scored.run
        spans = []
        for name in names:
            exchange = self._scored.exchanges.get(name)
            started = moment(exchange.started) if exchange else None
            if exchange and started:
                elapsed = exchange.response.elapsed if exchange.response else 0.0
                spans.append((started, started + timedelta(seconds=elapsed)))
        if spans:
            return milliseconds(min(spans)[0]), milliseconds(max(stop for _, stop in spans))
        started, finished = moment(run.started), moment(run.finished)
        start = milliseconds(started) if started else 0
        return start, max(start, milliseconds(finished)) if finished else start


def _description(requirement: Requirement) -> str:
    return (
        f"{requirement.statement}\n\n**Remedy** ({requirement.effort} effort): {requirement.remedy}\n\n"
        f"**Source**: {'; '.join(requirement.source)}\n\n"
        f"{'MUST' if requirement.must else 'Advice'}, {requirement.weight.value}, {requirement.level.value}, "
        f"{requirement.evidence.value} evidence"
    )


def _exchange_text(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    lines = [f"{request.method} {request.target}", *_message_lines(request)]
    if response is None:
        lines.append(f"(no answer: {exchange.gap or 'unknown'})")
    else:
        lines += [f"HTTP {response.status} after {response.elapsed:.3f} s", *_message_lines(response)]
    return "\n".join(lines) + "\n"


def _message_lines(message: Message) -> Iterable[str]:
    for name, value in message.headers:
        yield f"{name}: {value}"
    yield ""
    if message.body:
        yield message.body + (f" (cut, {message.body_size} bytes in all)" if message.is_truncated else "")
        yield ""


def _environment(scored: ScoredRun) -> bytes:
    run, maturity = scored.run, scored.maturity
    values = {
        "target": run.target,
        "target.fingerprint": run.fingerprint,
        "base_url": run.base_url,
        "profile": run.profile,
        "run": run.id,
        "depth": run.depth,
        "seed": str(run.seed),
        "rubric": f"{run.rubric_version} {run.rubric_hash[:12]}",
        "verdict": f"{scored.verdict.exit_code} {scored.verdict.verdict}",
        "level": maturity.level.value if maturity.level else f"withheld: {maturity.withheld}",
        **{f"area.{area.area.value}": score_text(area) for area in maturity.areas},
        **{f"version.{name}": version for name, version in sorted(run.versions.items())},
    }
    lines = (f"{name}={_property(value)}\n" for name, value in values.items())
    return "".join(lines).encode("ascii")


def _property(value: str) -> str:
    """Return a value as Java properties want it: one line, Latin, escaped."""
    flat = " ".join(value.split()).replace("\\", "\\\\")
    return "".join(char if " " <= char <= "~" else f"\\u{unit:04x}" for char in flat for unit in _units(char))


def _units(char: str) -> tuple[int, ...]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return tuple(int.from_bytes(raw[index : index + 2]) for index in range(0, len(raw), 2))


def _json(record: Any) -> bytes:
    return utf8(json.dumps(record, ensure_ascii=False, indent=1))


REPORT = Report(id="allure", title="Allure results", render=render)
