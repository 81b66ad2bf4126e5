"""report.html in a real browser: quiet, quick, readable in both schemes, on a phone and by keyboard."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject
from harness.reporting.reading import cells, counts
from harness.scoring.assemble import assemble

pytestmark = pytest.mark.browser

MANY = 5000
CONTRAST = """
(selector) => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) =>
    0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const behind = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const color = numbers(getComputedStyle(node).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const element = document.querySelector(selector);
  const text = light(numbers(getComputedStyle(element).color));
  const ground = light(behind(element));
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
}
"""


def with_many_failures(scored: ScoredRun) -> ScoredRun:
    failed = next(cell for cell in cells(scored) if cell.subject.outcome is Outcome.FAIL)
    template = failed.subject.findings[0]
    more = [f"GET /things/{number}/{{id}}" for number in range(MANY)]
    planned = [PlannedSubject(requirement=template.requirement, subject=subject) for subject in more]
    return assemble(
        replace(scored.run, subjects=(*scored.run.subjects, *planned)),
        scored.requirements,
        engine_findings=[*scored.findings, *(replace(template, subject=subject) for subject in more)],
        judge_findings=(),
        exchanges=scored.exchanges,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_quiet_and_runs_nothing_of_the_targets(
    open_report: Any, sample: ScoredRun, scheme: str, width: int
) -> None:
    page, heard = open_report(sample, scheme=scheme, width=width)

    for summary in page.locator("#failures .item summary").all()[:5]:
        summary.click()
    page.locator("#requirements .item summary").first.click()

    assert page.locator("#failures .item .wire").count() >= 5
    assert heard == []
    assert page.title() == "reference: integration maturity"


def test_the_first_screen_holds_the_result_and_all_eight_areas(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)

    for selector in (
        "h1",
        ".level",
        ".verdict",
        ".weakest",
        *(f".area:nth-of-type({n})" for n in range(1, 9)),
    ):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, selector


def test_dark_and_light_follow_the_readers_preference(open_report: Any, sample: ScoredRun) -> None:
    def background(scheme: str) -> str:
        page, _ = open_report(sample, scheme=scheme)
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert background("light") == "rgb(247, 246, 243)"
    assert background("dark") == "rgb(17, 19, 23)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_enough_to_be_read(open_report: Any, sample: ScoredRun, scheme: str) -> None:
    page, _ = open_report(sample, scheme=scheme)
    selectors = (
        *("h1", ".facts li", ".why", ".area .span", ".weakest a", ".legend li", ".heads span", "footer p"),
        *(".tag.l-initial", ".tag.l-developing", ".tag.l-mature", ".tag.t-good", ".tag.t-bad"),
        *(".item .where", ".item .tags .tag", ".tag.w-critical", ".opening small"),
    )

    ratios = {selector: page.evaluate(CONTRAST, selector) for selector in selectors}

    assert {selector: ratio for selector, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_small_screen_does_not_scroll_sideways(open_report: Any, sample: ScoredRun, width: int) -> None:
    page, _ = open_report(sample, width=width, height=844)
    page.locator("#failures .item summary").first.click()

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_failure_opens_to_everything_needed_to_mend_it(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    item = page.locator("#failures .item").first

    item.locator("summary").click()

    text = item.inner_text()
    for title in ("Expected", "Seen", "Request", "Response", "Reproduce", "Remedy", "Source"):
        assert title in text
    assert "POST /items?q=%3Cb%3E" in text
    assert "{{secret:bearer:0a1b2c3d}}" in text
    assert "p95_ms 412.5 [380–455.3], limit 300, 900 samples" in text
    left, right = (box.bounding_box() for box in item.locator(".wire > div").all()[:2])
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


def test_failures_are_grouped_by_area_in_the_reports_order(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    failed = [cell.area.area.label for cell in cells(sample) if cell.subject.outcome is Outcome.FAIL]

    groups = page.locator("#failures .group").all_inner_texts()

    assert [" ".join(text.split()) for text in groups] == [
        f"{label} {failed.count(label)}" for label in dict.fromkeys(failed)
    ]


def test_the_counts_are_those_of_the_run(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    counted = counts(sample)

    assert page.locator('[data-count="failures"]').inner_text() == str(counted[Outcome.FAIL])
    open_ = counted[Outcome.INCONCLUSIVE] + counted[Outcome.ERROR]
    assert page.locator('[data-count="open"]').inner_text() == str(open_)
    assert page.locator('[data-count="requirements"]').inner_text() == str(len(sample.requirements))


def test_search_area_and_must_narrow_every_list(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)

    page.locator("#search").fill("jwt signature")
    expect(page.locator("#requirements .item")).to_have_count(1)
    assert "auth.jwt-signature-verified" in page.locator("#requirements .list").inner_text()

    page.locator("#search").fill("")
    page.locator("#area-filter").select_option("documentation")
    page.locator("#must-filter").check()
    expect(page.locator("#status")).to_contain_text("requirements match")
    shown = page.locator("#requirements .item code").all_inner_texts()
    wanted = {item.id for item in sample.requirements if item.area.value == "documentation" and item.must}
    assert set(shown) == wanted


def test_a_search_that_finds_nothing_says_so(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)

    page.locator("#search").fill("no such thing anywhere")

    page.wait_for_selector("#failures .empty")
    assert page.locator("#failures .empty").inner_text() == "Nothing here matches the filter."


def test_the_keyboard_reaches_search_and_findings(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("problem")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""

    page.locator("#failures .item summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#failures .item .wire").first.is_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_what_holds_an_area_back_leads_to_the_requirement(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    area = next(area for area in sample.maturity.areas if area.blocked_by)
    row = page.locator(f"#area-{area.area.value}")

    row.locator("summary").click()
    row.locator(".plain a").first.click()

    target = page.locator(f'[id="r-{area.blocked_by[0]}"]')
    assert target.get_attribute("open") is not None
    assert target.locator(".subjects").is_visible()


def test_without_script_the_result_is_still_there(chromium: Any, open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)

    assert plain.locator(".area").count() == 8
    assert plain.locator("noscript").count() == 1
    assert "Fail" in plain.locator(".verdict").inner_text()
    context.close()


def test_five_thousand_failures_are_drawn_as_they_come_into_view(
    open_report: Any, sample_run: Callable[..., ScoredRun]
) -> None:
    scored = with_many_failures(sample_run())
    assert counts(scored)[Outcome.FAIL] > MANY

    started = time.monotonic()
    page, heard = open_report(scored)
    page.wait_for_selector("#requirements .item")
    seconds = time.monotonic() - started

    drawn = page.locator("#failures .item").count()
    assert drawn <= 120
    page.evaluate("document.querySelector('#failures .more').scrollIntoView()")
    expect(page.locator("#failures .item").nth(drawn)).to_be_attached()
    page.locator("#search").fill("things/4999")
    expect(page.locator("#failures .item")).to_have_count(1)
    assert heard == []
    assert seconds < 10, f"{seconds:.1f} s until the lists were there"
