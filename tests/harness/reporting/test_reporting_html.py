"""report.html as a text: self-contained, its policy true, nothing from the target outside its data."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import html_page
from harness.reporting.html_data import page_data
from harness.reporting.reading import cells


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


def test_a_withheld_level_leads_with_what_would_measure_more(sample_run: Callable[..., ScoredRun]) -> None:
    text = page(sample_run(is_partial=True))

    assert "Not stated" in text
    assert "The run was partial by choice." in text
    assert "<h2>What would measure more</h2>" in text
    assert "<code>load_rps = 50</code>" in text
    assert "Not stated" not in page(sample_run())


def test_a_rfc_is_linked_to_its_section_and_other_sources_are_text(sample: ScoredRun) -> None:
    sources = {
        source["text"]: source["href"]
        for requirement in page_data(sample)["requirements"]
        for source in requirement["source"]
    }

    assert sources["RFC 9110 15.5.6"] == "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6"
    assert sources["OWASP API1:2023"] == ""
