"""report.html as a text: self-contained, its policy true, nothing from the target outside its data."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from harness.core.area import Area
from harness.core.figures import one_decimal
from harness.core.finding import fingerprint
from harness.core.gates import Gates
from harness.core.history import ChangeKind, Entry
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import html_page
from harness.reporting.causes import causes
from harness.reporting.html_data import page_data
from harness.reporting.reading import cells, failures
from harness.scoring.assemble import assemble


def page(scored: ScoredRun) -> str:
    return html_page.render(scored)["report.html"].decode()


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    return parser.found


def embedded_data(text: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    loaded: dict[str, Any] = json.loads(match.group(1))
    return loaded


def test_nothing_is_fetched_from_outside(sample: ScoredRun) -> None:
    for tag, attributes in elements(page(sample)):
        assert tag not in {"iframe", "object", "embed", "base", "img", "video", "audio"}
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "link":
            assert attributes["href"] == "data:,"
        if tag == "a":
            assert str(attributes["href"]).startswith("#")


@pytest.mark.parametrize("kind", ["style", "script"])
def test_the_policy_allows_the_pages_own_style_and_script_and_no_other(sample: ScoredRun, kind: str) -> None:
    text = page(sample)
    policy = next(
        str(attributes["content"])
        for tag, attributes in elements(text)
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    match = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
    assert match is not None
    digest = base64.b64encode(hashlib.sha256(match.group(1).encode()).digest()).decode()

    assert policy.startswith("default-src 'none'; ")
    assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_text_from_the_target_cannot_leave_its_data(sample: ScoredRun) -> None:
    text = page(sample)

    assert text.count("<script") == 2
    assert "onerror=alert" not in re.sub(
        r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL
    )
    assert "</script><script>document.title" in json.dumps(embedded_data(text))


def test_what_is_put_in_is_not_taken_for_a_place_of_the_template(
    sample_run: Callable[..., ScoredRun],
) -> None:
    assert "<h1>{{data}}</h1>" in page(sample_run(target="{{data}}"))


def test_markup_in_the_name_of_the_target_is_text(sample_run: Callable[..., ScoredRun]) -> None:
    text = page(sample_run(target="<b>shop</b>", base_url="javascript:alert(1)\"'>"))

    assert "<h1>&lt;b&gt;shop&lt;/b&gt;</h1>" in text
    assert "javascript:alert(1)&quot;&#x27;&gt;" in text


def test_the_first_screen_needs_no_script(sample: ScoredRun) -> None:
    text = page(sample)
    before_data = text[: text.index('<script type="application/json"')]

    assert "<h1>reference</h1>" in before_data
    assert "<b>Fail</b><span>exit 1</span>" in before_data
    for area in sample.maturity.areas:
        assert f'id="area-{area.area.value}"' in before_data
        assert f"{int(area.measured * 100)} %" in before_data
    assert "9 advanced" in before_data


def test_every_planned_subject_and_its_findings_are_in_the_data(sample: ScoredRun) -> None:
    data = embedded_data(page(sample))

    listed = {
        (requirement["id"], cell["subject"], cell["outcome"])
        for requirement in data["requirements"]
        for cell in requirement["cells"]
    }

    assert listed == {
        (cell.result.requirement.id, cell.subject.subject, cell.subject.outcome.value)
        for cell in cells(sample)
    }


def test_the_exchanges_behind_failures_are_carried_redacted(sample: ScoredRun) -> None:
    data = page_data(sample)
    failed = [cell for cell in cells(sample) if cell.subject.outcome is Outcome.FAIL]

    for cell in failed:
        for finding in cell.subject.findings:
            for name in finding.exchanges:
                assert (
                    data["exchanges"][name]["request"]["headers"][0][1] == "Bearer {{secret:bearer:0a1b2c3d}}"
                )


def test_a_run_without_a_level_leads_with_its_failures_and_what_would_measure_most_more(
    sample_run: Callable[..., ScoredRun],
) -> None:
    scored = sample_run(is_partial=True)
    text = page(scored)

    assert f"{len(failures(scored))} confirmed failures" in text
    assert "No level stated: the run was partial by choice." in text
    assert "<h2>What would measure most more</h2>" in text
    assert "load_rps = 50</pre>" in text
    assert 'class="ladder"' not in text
    assert "Overall <b>" not in text


def test_a_portable_target_leads_with_its_failures_even_when_it_has_a_level(
    sample_run: Callable[..., ScoredRun],
) -> None:
    text = page(sample_run(profile="portable"))

    first = text[text.index('class="hero"') : text.index('id="areas"')]
    assert first.index("confirmed failures") < first.index("Level ")
    assert first.index("What would measure most more")
    assert first.count('<li><i class="tag s-') == 5
    told = re.findall(r'<a href="#f-[^"]*">([^<]*)</a>', first)
    assert len(set(told)) == len(told)  # a requirement is told once, however many causes break it


def test_a_core_target_leads_with_its_level(sample: ScoredRun) -> None:
    text = page(sample)

    assert 'class="ladder"' in text
    assert "confirmed failures" not in text[: text.index('id="areas"')]


def test_target_file_lines_come_before_commands(sample_run: Callable[..., ScoredRun]) -> None:
    text = page(sample_run(is_partial=True))

    shown = re.findall(r'<pre class="lines">([^<]*)</pre>', text)
    kinds = [lines.startswith("[") for lines in shown]
    assert len(shown) == 2
    assert kinds == sorted(kinds, reverse=True)


def test_an_area_of_which_nothing_applies_states_neither_level_nor_bounds(sample: ScoredRun) -> None:
    absent = {item.id for item in sample.requirements if item.area is Area.MONITORING}
    scored = assemble(
        replace(
            sample.run,
            subjects=tuple(
                replace(item, not_applicable="no metrics") if item.requirement in absent else item
                for item in sample.run.subjects
            ),
        ),
        sample.requirements,
        engine_findings=[item for item in sample.findings if item.requirement not in absent],
        judge_findings=(),
        exchanges={},
    )

    text = page(scored)

    row = text[text.index('id="area-monitoring"') :].split("</summary>")[0]
    assert "nothing applies" in row
    assert '<span class="rank">–</span>' in row
    assert "<svg" not in row


def test_the_first_run_shows_no_trend(sample: ScoredRun) -> None:
    assert 'id="past"' not in page(sample)
    assert "#past" not in page(sample)


def test_trend_and_changes_are_shown_from_the_second_run_on(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    scored = sample_run(earlier=earlier)
    text = page(scored)
    assert scored.past is not None

    assert "Over 5 runs" in text
    assert text.count('class="spark"') == 9
    for movement in scored.past.movements:
        assert f"{one_decimal(movement.after)}</b>" in text
    fixed = [change for change in scored.past.changes if change.kind is ChangeKind.FIXED]
    assert f"<h4>Fixed <span>{len(fixed)}</span></h4>" in text
    assert re.search(r"<small>code [+-]", text)


def test_a_trend_says_its_numbers_to_a_screen_reader(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    text = page(sample_run(earlier=earlier))

    told = re.search(r'aria-label="Security from the oldest run to this one: ([^"]*)"', text)
    assert told is not None
    assert len(told[1].split(", ")) == 5


def test_many_changes_are_cut_and_said(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    scored = sample_run(earlier=earlier)
    assert scored.past is not None
    change = replace(scored.past.changes[0], kind=ChangeKind.NEW_FAILURE)
    many = replace(scored.past, changes=tuple(replace(change, subject=f"GET /{at}") for at in range(500)))

    text = page(replace(scored, past=many))

    assert "<h4>New failures <span>500</span></h4>" in text
    assert text.count("<li><b>GET /") == 60
    assert "and 440 more: harness diff" in text


def test_failures_carry_cause_fingerprint_and_what_to_mark(sample: ScoredRun) -> None:
    data = embedded_data(page(sample))

    failed = [
        (item["id"], cell)
        for item in data["requirements"]
        for cell in item["cells"]
        if cell["outcome"] == "fail"
    ]
    assert failed
    for requirement, cell in failed:
        assert fingerprint(requirement, cell["subject"], "reference").startswith(cell["id"])
        marks = next(iter(cell["findings"][0]["marks"].values()))
        assert marks["status"]
    assert {cell["cause"] for _, cell in failed} == set(range(len(causes(sample))))


def test_an_excused_failure_says_so(sample_run: Callable[..., ScoredRun]) -> None:
    cell = failures(sample_run())[0]
    name = f"{cell.requirement.id} {cell.subject.subject}"

    data = embedded_data(page(sample_run(gates=Gates(expected_failures={name: "known (team)"}))))

    assert [
        found["excuse"] for item in data["requirements"] for found in item["cells"] if "excuse" in found
    ] == ["known (team)"]


def test_a_rfc_is_linked_to_its_section_and_other_sources_are_text(sample: ScoredRun) -> None:
    sources = {
        source["text"]: source["href"]
        for requirement in page_data(sample)["requirements"]
        for source in requirement["source"]
    }

    assert sources["RFC 9110 15.5.6"] == "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6"
    assert sources["OWASP API1:2023"] == ""
