"""report.md and junit.xml: what a reader and a build server find in them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from harness.core.finding import fingerprint
from harness.core.gates import Gates
from harness.core.history import ChangeKind, Entry
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import junit, markdown
from harness.reporting.causes import causes
from harness.reporting.reading import cells
from harness.scoring.assemble import assemble


def text(scored: ScoredRun) -> str:
    return markdown.render(scored)["report.md"].decode()


def cases(scored: ScoredRun) -> list[ET.Element]:
    return ET.fromstring(junit.render(scored)["junit.xml"]).findall("testsuite/testcase")


def properties(element: ET.Element) -> dict[str, str]:
    return {item.attrib["name"]: item.attrib["value"] for item in element.findall("properties/property")}


def cell_with(scored: ScoredRun, outcome: Outcome, *, must: bool = True) -> Any:
    return next(
        cell
        for cell in cells(scored)
        if cell.subject.outcome is outcome and cell.result.requirement.must is must
    )


def case_of(scored: ScoredRun, cell: Any) -> ET.Element:
    requirement = cell.result.requirement
    classname = f"{requirement.area.value}.{requirement.id}"
    (found,) = [
        item
        for item in cases(scored)
        if item.get("classname") == classname and item.get("name") == cell.subject.subject
    ]
    return found


def with_finding(scored: ScoredRun, **changes: Any) -> ScoredRun:
    fail = cell_with(scored, Outcome.FAIL).subject.findings[0]
    return assemble(
        scored.run,
        scored.requirements,
        engine_findings=[*scored.findings, replace(fail, **changes)],
        judge_findings=(),
        exchanges=scored.exchanges,
    )


def test_markdown_leads_with_verdict_and_level(sample: ScoredRun) -> None:
    lines = text(sample).splitlines()

    assert lines[0] == "# Integration maturity of reference"
    assert lines[2].startswith("**fail** (exit 1): ")
    assert lines[4].startswith("Level **initial**, ")


def test_markdown_has_a_row_per_area_with_interval_share_and_claim(sample: ScoredRun) -> None:
    area = sample.maturity.areas[0]

    (row,) = [line for line in text(sample).splitlines() if line.startswith("| API design |")]

    columns = [column.strip() for column in row.strip("|").split("|")]
    assert columns[1].startswith(f"{int(area.low)}.")
    assert "[" in columns[1]
    assert columns[2] == f"{int(area.measured * 100)} %"
    assert columns[4] == "9 advanced"


def test_markdown_says_why_there_is_no_level(sample_run: Callable[..., ScoredRun]) -> None:
    assert "No level and no overall number: the run was partial by choice." in text(
        sample_run(is_partial=True)
    )


def test_markdown_gives_each_cause_with_reproduction_remedy_and_source(sample: ScoredRun) -> None:
    report = text(sample)
    found = causes(sample)
    failed = [cell for cause in found for cell in cause.cells]

    assert f"## Confirmed failures ({len(failed)}, {len(found)} causes)" in report
    for cause in found:
        assert f"### `{cause.requirement.id}` on " in report
        assert cause.requirement.remedy in report
        for cell in cause.cells[1:]:
            assert cell.subject.subject in report[report.index(f"### `{cause.requirement.id}`") :]
    assert report.count("- reproduce: `curl ") >= len(found)


def test_text_from_the_target_cannot_become_markup(sample: ScoredRun) -> None:
    hostile = "<img src=x> [click](http://evil.example) `code` | pipe\n# heading"

    report = text(with_finding(sample, seen=hostile, producer="fuzz:x"))

    assert "\\<img src=x\\> \\[click\\](http://evil.example) \\`code\\` | pipe \\# heading" in report
    assert "\n# heading" not in report


def test_a_code_span_survives_backticks(sample: ScoredRun) -> None:
    assert "``curl `x` y``" in text(with_finding(sample, reproduction="curl `x` y", producer="fuzz:x"))


def test_markdown_says_what_would_measure_more(sample: ScoredRun) -> None:
    assert (
        "| `no-consent-load` | 10 | +1 % | allow a load on this target; `[consent]`; `load_rps = 50` |"
        in text(sample)
    )


def test_junit_has_a_case_per_requirement_and_subject(sample: ScoredRun) -> None:
    assert len(cases(sample)) == sum(1 for _ in cells(sample))


@pytest.mark.parametrize(
    ("outcome", "tag"),
    [
        (Outcome.PASS, None),
        (Outcome.FAIL, "failure"),
        (Outcome.INCONCLUSIVE, "skipped"),
        (Outcome.ERROR, "error"),
    ],
)
def test_junit_shows_each_outcome_its_own_way(
    sample_run: Callable[..., ScoredRun], outcome: Outcome, tag: str | None
) -> None:
    scored = sample_run(seed=3)
    cell = cell_with(scored, outcome)

    case = case_of(scored, cell)

    assert [child.tag for child in case] == ["properties", *([tag] if tag else [])]
    assert properties(case)["outcome"] == outcome.value
    if outcome is Outcome.INCONCLUSIVE:
        assert case[1].get("message") == f"inconclusive: {cell.subject.reason}"


def test_junit_properties_lead_back_to_the_evidence(sample: ScoredRun) -> None:
    cell = cell_with(sample, Outcome.FAIL)

    found = properties(case_of(sample, cell))

    assert found["fingerprint"] == fingerprint(cell.result.requirement.id, cell.subject.subject, "reference")
    assert found["exchanges"] == " ".join(cell.subject.findings[0].exchanges)


def test_junit_is_red_where_the_verdict_is_and_nowhere_else(sample: ScoredRun) -> None:
    advice = cell_with(sample, Outcome.FAIL, must=False)
    failed = cell_with(sample, Outcome.FAIL)
    passed = cell_with(sample, Outcome.PASS)
    expected = {
        f"{cell.result.requirement.id} {cell.subject.subject}": "known (owner)" for cell in (failed, passed)
    }
    scored = replace(sample, run=replace(sample.run, gates=Gates(expected_failures=expected)))

    assert case_of(scored, advice).find("skipped") is not None
    assert case_of(scored, failed).find("skipped") is not None
    assert case_of(scored, passed).find("failure") is not None


def test_junit_counts_match_its_cases(sample: ScoredRun) -> None:
    root = ET.fromstring(junit.render(sample)["junit.xml"])

    for suite in root.findall("testsuite"):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))


def test_markdown_says_what_changed_since_the_last_run_and_why_scores_moved(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    scored = sample_run(earlier=earlier)
    told = text(scored)

    assert scored.past is not None
    assert f"## Since run {earlier[-1].run}" in told
    fixed = [change for change in scored.past.changes if change.kind is ChangeKind.FIXED]
    assert f"{len(fixed)} fixed" in told
    assert f"- fixed: `{fixed[0].requirement}` on " in told
    assert "| code " in told


def test_markdown_of_a_first_run_compares_with_nothing(sample: ScoredRun) -> None:
    assert "Since run" not in text(sample)
