"""Every format: found by its id, the same bytes for the same evidence, and in any order of it."""

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from harness.core.errors import HarnessFault
from harness.core.figures import one_decimal, percent
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting.openings import openings
from harness.reporting.protocol import Report
from harness.reporting.reading import counts, unplanned, worst_area
from harness.reporting.registry import collect, reports
from harness.scoring.assemble import assemble

every_format = pytest.mark.parametrize("report", reports(), ids=lambda report: report.id)


def test_the_formats_are_known_by_their_ids() -> None:
    assert {report.id for report in reports()} == {
        "json", "verdict", "markdown", "junit", "allure", "html", "sarif", "badge", "summary",
    }  # fmt: skip


def test_two_formats_of_one_id_are_refused() -> None:
    report = reports()[0]

    with pytest.raises(HarnessFault, match=f"report {report.id} is in one and in two"):
        collect({"one": report, "two": report})


def test_a_module_without_a_format_is_refused() -> None:
    with pytest.raises(HarnessFault, match="forgetful exports no REPORT"):
        collect({"forgetful": None})


@every_format
def test_the_same_evidence_in_any_order_gives_the_same_bytes(report: Report, sample: ScoredRun) -> None:
    findings = [item for item in sample.findings if item.producer != "plan"] * 2
    random.Random(3).shuffle(findings)
    names = list(sample.exchanges)
    random.Random(4).shuffle(names)

    again = assemble(
        sample.run,
        sample.requirements[::-1],
        engine_findings=findings,
        judge_findings=(),
        exchanges={name: sample.exchanges[name] for name in names},
    )

    assert report.render(again) == report.render(sample)


@every_format
def test_a_run_in_which_nothing_was_found_can_be_rendered(report: Report, sample: ScoredRun) -> None:
    empty = assemble(
        replace(sample.run, subjects=(), layers={}, finished="", capabilities={}, claims={}),
        sample.requirements,
        engine_findings=(),
        judge_findings=(),
        exchanges={},
    )

    assert all(report.render(empty).values())


@every_format
def test_half_a_surrogate_pair_and_control_characters_can_be_rendered(
    report: Report, sample: ScoredRun
) -> None:
    odd = replace(sample.findings[0], outcome=Outcome.FAIL, seen="\ud800 \x00 \x1b[31m", reproduction="\x07")
    scored = assemble(
        sample.run,
        sample.requirements,
        engine_findings=[*sample.findings, odd],
        judge_findings=(),
        exchanges=sample.exchanges,
    )

    for content in report.render(scored).values():
        assert content.decode("utf-8")


@every_format
def test_file_names_stay_inside_the_run_folder(report: Report, sample: ScoredRun) -> None:
    for name in report.render(sample):
        assert not name.startswith("/")
        assert ".." not in name


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0.0"), ("6.29", "6.2"), ("6.2", "6.2"), ("9.9999", "9.9"), ("10", "10.0"), ("0.09", "0.0")],
)
def test_scores_are_rounded_down_to_one_decimal(value: str, text: str) -> None:
    assert one_decimal(Fraction(value)) == text


def test_shares_are_rounded_down_to_whole_percent() -> None:
    assert [percent(Fraction(value)) for value in ("0.999", "1", "0.005", "2/3")] == [99, 100, 0, 66]


def test_what_would_measure_more_adds_up_to_what_is_not_measured(sample: ScoredRun) -> None:
    found = openings(sample)

    assert sum(item.share for item in found) == 1 - sample.maturity.measured
    assert [item.share for item in found] == sorted((item.share for item in found), reverse=True)
    assert (
        sum(item.subjects for item in found)
        == counts(sample)[Outcome.INCONCLUSIVE] + counts(sample)[Outcome.ERROR]
    )


def test_what_would_measure_more_names_the_line_or_the_command_that_does_it(sample: ScoredRun) -> None:
    by_reason = {item.reason: item for item in openings(sample)}

    assert by_reason["no-consent-load"].lines == ("[consent]", "load_rps = 50")
    assert by_reason["layer-timed-out"].lines == (
        "harness run TARGET --depth full --select redis.slow-bounded",
    )


def test_a_stray_finding_is_listed_apart(sample: ScoredRun) -> None:
    assert [item.subject for item in unplanned(sample)] == ["GET /never-planned"]


def test_the_weakest_area_has_the_lowest_lower_bound(sample_run: Callable[..., ScoredRun]) -> None:
    scored = sample_run(seed=5)
    weakest = worst_area(scored)

    assert weakest is not None
    assert weakest.low == min(area.low for area in scored.maturity.areas)
