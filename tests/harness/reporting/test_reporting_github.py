"""Badge, step summary and annotations: honest about what is missing, and within GitHub's limits."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.cli.github import tell_github
from harness.core.gates import Gates
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import badge, summary
from harness.reporting.annotations import annotations
from harness.reporting.causes import causes
from harness.reporting.reading import failures
from tests.harness.reporting.sample_run import HOSTILE


def said(scored: ScoredRun) -> str:
    root = ET.fromstring(badge.render(scored)["badge.svg"])
    label = root.get("aria-label") or ""
    return label.removeprefix("integration maturity: ")


def summary_of(scored: ScoredRun) -> str:
    return summary.render(scored)["summary.md"].decode()


def test_the_badge_says_level_and_lower_bound(sample: ScoredRun) -> None:
    level, number = said(sample).split()

    assert sample.maturity.level is not None
    assert sample.maturity.low is not None
    assert level == sample.maturity.level.value
    assert float(number) <= sample.maturity.low < float(number) + 0.1


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"is_partial": True}, "partial run"),
        ({"finished": ""}, "incomplete"),
        ({"interrupted": "by the user"}, "incomplete"),
        ({"leave_open": 0.9, "fail": 0.0}, "not measured ("),
    ],
)
def test_the_badge_of_a_run_without_a_level_has_no_number(
    sample_run: Callable[..., ScoredRun], fields: dict, text: str
) -> None:
    assert said(sample_run(**fields)).startswith(text)


def test_the_badge_asks_for_nothing_outside_itself(sample: ScoredRun) -> None:
    drawn = badge.render(sample)["badge.svg"].decode()

    assert drawn.count("http") == 1  # the name space
    assert "href" not in drawn
    assert "<script" not in drawn
    assert " id=" not in drawn  # several may stand in one page


def test_a_failed_run_has_another_colour_than_a_good_one(sample: ScoredRun) -> None:
    good = replace(sample, verdict=replace(sample.verdict, exit_code=0))

    assert sample.verdict.exit_code == 1
    assert badge.standing(sample)[1] != badge.standing(good)[1]


def test_the_summary_leads_with_the_verdict_and_names_failures_worst_first(sample: ScoredRun) -> None:
    text = summary_of(sample)

    assert "(exit 1)" in text.splitlines()[2]
    places = [text.index(f"`{cell.requirement.id}`") for cell in failures(sample)[:1]]
    assert places
    rows = [
        line for line in text.splitlines() if line.startswith(("| critical", "| high", "| medium", "| low"))
    ]
    assert len(rows) == len(causes(sample))
    assert rows == sorted(rows, key=lambda row: ["critical", "high", "medium", "low"].index(row.split()[1]))


def test_the_summary_of_a_run_without_a_level_says_why_and_what_would_measure_more(
    sample_run: Callable[..., ScoredRun],
) -> None:
    text = summary_of(sample_run(leave_open=0.9))

    assert "No level and no overall number" in text
    assert "### What would measure most more" in text
    assert "load_rps = 50" in text


def test_markup_of_the_target_stays_text_in_the_summary(sample: ScoredRun) -> None:
    assert HOSTILE not in summary_of(sample)


def test_a_summary_too_long_for_github_is_cut_at_a_line_and_says_so(
    sample: ScoredRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = summary.render(sample)["summary.md"]
    monkeypatch.setattr(summary, "MOST_BYTES", 3000)

    cut = summary.render(sample)["summary.md"]

    assert summary_of(sample).endswith("report.md has it all.\n")
    assert len(cut) <= 3000 < len(whole)
    kept = cut.decode().split("\n... the rest")[0]
    assert whole.decode().startswith(kept)


def test_the_limit_is_githubs() -> None:
    assert summary.MOST_BYTES == 1_048_576


def test_ten_annotations_at_most_and_then_how_many_more(sample: ScoredRun) -> None:
    lines = list(annotations(sample))

    assert len(lines) == 11
    assert lines[0].startswith("::error title=")
    worst = failures(sample)[0].requirement.id
    assert worst in lines[0]
    assert f"{len(failures(sample)) - 10} more failures" in lines[-1]


def test_an_annotation_cannot_be_left_by_what_the_target_says(sample_run: Callable[..., ScoredRun]) -> None:
    scored = sample_run()
    for line in annotations(scored):
        command, _, message = line[2:].partition("::")
        assert "\n" not in line
        assert "\r" not in line
        title = command.partition("title=")[2]
        assert ":" not in title
        assert "," not in title
        assert "%0A" in message or "more failures" in message


def test_an_excused_failure_is_not_annotated(sample_run: Callable[..., ScoredRun]) -> None:
    cell = failures(sample_run())[0]
    name = f"{cell.requirement.id} {cell.subject.subject}"

    scored = sample_run(gates=Gates(expected_failures={name: "known (team)"}))

    first = next(annotations(scored))
    assert failures(scored)[0].subject.outcome is Outcome.FAIL
    assert f"{cell.requirement.id} on {cell.subject.subject} (" not in first.replace("%3A", ":")


def test_outside_github_nothing_is_said(sample: ScoredRun, tmp_path: Path) -> None:
    stream = io.StringIO()
    file = tmp_path / "summary"

    tell_github(sample, {"GITHUB_STEP_SUMMARY": str(file)}, stream)

    assert stream.getvalue() == ""
    assert not file.exists()


def test_in_github_the_summary_is_added_to_what_the_step_wrote(sample: ScoredRun, tmp_path: Path) -> None:
    file, stream = tmp_path / "summary", io.StringIO()
    file.write_text("before\n", encoding="utf-8")

    tell_github(sample, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(file)}, stream)

    assert file.read_text(encoding="utf-8") == "before\n" + summary_of(sample)
    assert len(stream.getvalue().splitlines()) == 11


def test_a_full_step_summary_is_left_as_it_is_and_said(sample: ScoredRun, tmp_path: Path) -> None:
    file, stream = tmp_path / "summary", io.StringIO()
    file.write_bytes(b"x" * (summary.MOST_BYTES - 10))

    tell_github(sample, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(file)}, stream)

    assert file.stat().st_size == summary.MOST_BYTES - 10
    assert "the step summary is full" in stream.getvalue()
