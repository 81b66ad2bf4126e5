"""report.html in a real browser: quiet, quick, readable in both schemes, on a phone and by keyboard."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject
from harness.core.severity import Severity, severity_of
from harness.reporting.reading import cells, counts, failures
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


def word(number: int) -> str:
    """Return a number in letters: causes are told apart by words, not by digits."""
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 26)
        letters += chr(ord("a") + digit)
    return letters


def with_many_failures(scored: ScoredRun) -> ScoredRun:
    """Half of them of one cause, the others each of their own."""
    failed = next(cell for cell in cells(scored) if cell.subject.outcome is Outcome.FAIL)
    template = failed.subject.findings[0]
    more = [
        replace(
            template,
            subject=f"GET /things/{number}/{{id}}",
            seen="all of them broke" if number % 2 else f"this broke: {word(number)}",
        )
        for number in range(MANY)
    ]
    planned = [PlannedSubject(requirement=item.requirement, subject=item.subject) for item in more]
    return assemble(
        replace(scored.run, subjects=(*scored.run.subjects, *planned)),
        scored.requirements,
        engine_findings=[*scored.findings, *more],
        judge_findings=(),
        exchanges=scored.exchanges,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_is_quiet_and_runs_nothing_of_the_targets(
    open_report: Any, fifth: ScoredRun, scheme: str, width: int
) -> None:
    page, heard = open_report(fifth, scheme=scheme, width=width)

    for item in page.locator("#failures > .list > .item").all()[:5]:
        item.locator("summary").first.click()
        expect(item.locator(".wire").first).to_be_visible()
    page.locator("#requirements .item summary").first.click()
    for _ in range(3):
        page.locator("#theme").click()

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
def test_text_stands_out_enough_to_be_read(open_report: Any, fifth: ScoredRun, scheme: str) -> None:
    page, _ = open_report(fifth, scheme=scheme)
    page.locator("#failures .item summary").first.click()
    selectors = (
        *("h1", ".facts li", ".why", ".area .span", ".weakest a", ".legend li", ".heads span", "footer p"),
        *(".tag.l-initial", ".tag.l-developing", ".tag.l-mature", ".tag.t-good", ".tag.t-bad"),
        *(".item .where", ".item .tags .tag", ".tag.s-critical", ".tag.s-high", ".opening small"),
        *(".delta.up", ".delta.down", ".trend small", ".change small", ".change summary"),
        *(".wire mark", "#theme"),
    )

    ratios = {selector: page.evaluate(CONTRAST, selector) for selector in selectors}

    assert {selector: ratio for selector, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("width", [320, 375, 768])
def test_a_small_screen_does_not_scroll_sideways(open_report: Any, fifth: ScoredRun, width: int) -> None:
    page, _ = open_report(fifth, width=width, height=844)
    page.locator("#failures .item summary").first.click()

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_failure_opens_to_everything_needed_to_mend_it(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    item = page.locator("#failures .item").first

    item.locator("summary").click()

    expect(item.locator(".wire").first).to_be_visible()
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
    expect(page.locator("#failures .item .wire").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_what_holds_an_area_back_leads_to_the_requirement(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    area = next(area for area in sample.maturity.areas if area.blocked_by)
    row = page.locator(f"#area-{area.area.value}")

    row.locator("summary").click()
    row.locator(".plain a").first.click()

    target = page.locator(f'[id="r-{area.blocked_by[0]}"][open]')
    target.wait_for(state="attached")  # it opens when the address has changed, after the click
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
    failed = counts(scored)[Outcome.FAIL]
    assert failed > MANY

    page, heard = open_report(scored)
    page.wait_for_selector("#requirements .item")

    items = page.locator("#failures > .list > .item")
    drawn = items.count()
    assert drawn <= 120
    assert page.locator('[data-count="failures"]').inner_text() == str(failed)
    page.evaluate("document.querySelector('#failures > .list > .more').scrollIntoView()")
    expect(items.nth(drawn)).to_be_attached()
    page.locator("#search").fill("things/4999")
    expect(items).to_have_count(1)
    assert heard == []


def test_five_thousand_subjects_of_one_cause_are_one_entry_drawn_in_pieces(
    open_report: Any, sample_run: Callable[..., ScoredRun]
) -> None:
    page, heard = open_report(with_many_failures(sample_run()))
    page.locator("#search").fill("broke all")
    item = page.locator("#failures > .list > .item")
    expect(item).to_have_count(1)

    item.locator("summary").first.click()

    subjects = item.locator(".subjects > details")
    assert f"{MANY // 2} subjects" in item.inner_text()
    expect(subjects).to_have_count(40)
    item.locator(".subjects > .more").click()
    expect(subjects).to_have_count(80)
    assert heard == []


def failed_only(page: Any) -> Any:
    return page.locator("#failures > .list > .item")


def test_outcome_layer_and_severity_narrow_the_lists(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    by_outcome = {cell.subject.outcome.value for cell in cells(sample)}
    assert {"fail", "inconclusive", "pass"} <= by_outcome

    page.locator("#outcome-filter").select_option("inconclusive")
    expect(failed_only(page)).to_have_count(0)
    assert int(page.locator('[data-count="open"]').inner_text()) == counts(sample)[Outcome.INCONCLUSIVE]
    page.locator("#outcome-filter").select_option("")
    page.locator("#severity-filter").select_option("critical")
    critical = [cell for cell in failures(sample) if severity_of(cell.requirement) is Severity.CRITICAL]
    expect(page.locator('[data-count="failures"]')).to_have_text(str(len(critical)))
    page.locator("#severity-filter").select_option("")
    page.locator("#layer-filter").select_option("chaos")
    expect(failed_only(page)).to_have_count(0)


def test_the_number_of_matches_is_told_to_a_screen_reader_and_the_filter_is_cleared(
    open_report: Any, sample: ScoredRun
) -> None:
    page, _ = open_report(sample)
    assert page.locator("#clear").is_hidden()

    page.locator("#search").fill("login")

    status = page.locator("#status")
    expect(status).to_contain_text("requirements match")
    assert (status.get_attribute("role"), status.get_attribute("aria-live")) == ("status", "polite")
    page.locator("#clear").click()
    expect(status).to_have_text("")
    assert page.evaluate("document.activeElement.id") == "search"
    assert page.locator('[data-count="failures"]').inner_text() == str(counts(sample)[Outcome.FAIL])


def test_the_part_of_the_answer_that_the_finding_names_is_marked(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample)
    item = failed_only(page).first

    item.locator("summary").first.click()

    response = item.locator(".wire > div").nth(1)
    expect(response.locator("mark").first).to_contain_text("500 after")
    assert item.locator(".wire > div").nth(0).locator("mark").count() == 0


def test_the_theme_can_be_chosen_against_the_readers_preference(open_report: Any, sample: ScoredRun) -> None:
    page, _ = open_report(sample, scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"

    seen = {}
    for _ in range(3):
        page.locator("#theme").click()
        seen[page.locator("#theme-name").inner_text()] = page.evaluate(background)

    assert seen == {"light": "rgb(247, 246, 243)", "dark": "rgb(17, 19, 23)", "auto": "rgb(247, 246, 243)"}


def test_a_failure_of_the_first_screen_leads_to_its_evidence(
    open_report: Any, sample_run: Callable[..., ScoredRun]
) -> None:
    page, _ = open_report(sample_run(profile="portable"))
    link = page.locator(".worst a").nth(2)
    statement = link.inner_text()

    link.click()

    opened = page.locator("#failures > .list > .item[open]")
    expect(opened).to_have_count(1)
    assert opened.locator(".title").first.inner_text() == statement
    expect(opened).to_contain_text("harness replay")


def test_every_control_has_a_name_and_every_section_a_heading(open_report: Any, fifth: ScoredRun) -> None:
    page, _ = open_report(fifth)

    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a, svg[role=img]")].filter((element) =>
          !element.textContent.trim() && !element.getAttribute("aria-label") && !element.labels?.length)
          .map((element) => element.outerHTML.slice(0, 80))"""
    )
    headless = page.evaluate(
        """[...document.querySelectorAll("section")].filter((section) => !section.hidden &&
          !section.getAttribute("aria-label") &&
          !document.getElementById(section.getAttribute("aria-labelledby"))?.innerText).length"""
    )
    levels = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.offsetParent)
          .map((one) => Number(one.tagName[1]))"""
    )

    assert unnamed == []
    assert headless == 0
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_a_link_to_the_last_section_stays_there_while_lists_are_still_short(
    open_report: Any, sample: ScoredRun
) -> None:
    page, _ = open_report(sample)
    left = page.locator("#requirements > .list > .more")
    assert left.count() == 1

    page.locator('nav a[href="#measured"]').click()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    expect(page.locator("#measured-title")).to_be_in_viewport()
    assert left.count() == 1
