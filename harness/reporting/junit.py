"""junit.xml: one test case per requirement and subject; red where the verdict is red and nowhere else."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from harness.core.finding import fingerprint
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting.protocol import Report
from harness.reporting.reading import Cell, cells, deciding, score_text

#: What XML 1.0 cannot carry, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(scored: ScoredRun) -> Mapping[str, bytes]:
    """Return junit.xml, a suite per area."""
    root = ET.Element("testsuites", name=_clean(scored.run.target))
    for area in scored.maturity.areas:
        found = [cell for cell in cells(scored) if cell.area is area]
        if not found:
            continue
        suite = ET.SubElement(
            root, "testsuite", name=area.area.value, timestamp=scored.run.started[:19], tests=str(len(found))
        )
        _properties(
            suite,
            {
                "score": score_text(area),
                "rubric": scored.run.rubric_version,
                "seed": str(scored.run.seed),
                "run": scored.run.id,
            },
        )
        for cell in found:
            suite.append(_case(cell, scored))
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(kind, str(len(suite.findall(f"testcase/{tag}"))))
    ET.indent(root)
    return {"junit.xml": ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _case(cell: Cell, scored: ScoredRun) -> ET.Element:
    requirement = cell.result.requirement
    case = ET.Element(
        "testcase",
        classname=f"{cell.area.area.value}.{requirement.id}",
        name=_clean(cell.subject.subject),
        time="0",
    )
    found = deciding(cell)
    _properties(
        case,
        {
            "outcome": cell.subject.outcome.value,
            "reason": cell.subject.reason,
            "must": str(requirement.must).lower(),
            "weight": requirement.weight.value,
            "level": requirement.level.value,
            "fingerprint": fingerprint(requirement.id, cell.subject.subject, scored.run.target),
            "exchanges": " ".join(name for finding in found for name in finding.exchanges),
        },
    )
    if verdict := _verdict(cell, scored):
        tag, message = verdict
        element = ET.SubElement(case, tag, message=_clean(message))
        if tag != "skipped":
            element.set("type", cell.subject.reason)
            element.text = _clean(_text(cell))
    return case


def _verdict(cell: Cell, scored: ScoredRun) -> tuple[str, str] | None:
    """Return element and message: advice and expected failures do not turn a build red, as in the verdict."""
    requirement, subject = cell.result.requirement, cell.subject
    expected = scored.run.gates.expected_failures.get(f"{requirement.id} {subject.subject}")
    if expected is not None and subject.outcome is Outcome.PASS:
        return "failure", f"expected to fail ({expected}), but passed"
    if expected is not None and subject.outcome is Outcome.FAIL:
        return "skipped", f"expected failure: {expected}"
    told = {
        Outcome.PASS: None,
        Outcome.FAIL: ("failure", requirement.statement)
        if requirement.must
        else ("skipped", f"advice not followed: {subject.reason}"),
        Outcome.ERROR: ("error", f"the check itself failed: {subject.reason}"),
        Outcome.INCONCLUSIVE: ("skipped", f"inconclusive: {subject.reason}"),
        Outcome.NOT_APPLICABLE: ("skipped", f"not applicable: {subject.reason}"),
    }
    return told[subject.outcome]


def _text(cell: Cell) -> str:
    lines: list[str] = []
    for finding in deciding(cell):
        lines += [f"expected: {finding.expected}", f"seen ({finding.producer}): {finding.seen}"]
        if finding.reproduction:
            lines.append(f"reproduce: {finding.reproduction}")
    return "\n".join([*lines, f"remedy: {cell.result.requirement.remedy}"])


def _properties(parent: ET.Element, values: Mapping[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


REPORT = Report(id="junit", title="JUnit (XML)", render=render)
