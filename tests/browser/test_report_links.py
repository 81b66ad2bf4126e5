"""Links within report.html lead where they say, past lists that are drawn in pieces."""

from typing import Any

import pytest
from playwright.sync_api import expect

from harness.core.maturity import ScoredRun
from tests.browser.test_report_page import with_many_failures

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("section", ["open", "requirements", "measured"])
def test_a_link_to_a_section_ends_there_whatever_lies_between(
    open_report: Any, sample: ScoredRun, section: str
) -> None:
    """A page that glides past a list draws more of it, and pushes away what it was going to."""
    page, _ = open_report(with_many_failures(sample))

    page.locator(f'nav a[href="#{section}"]').click()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    expect(page.locator(f"#{section} h2").first).to_be_in_viewport()
    top = page.locator(f"#{section}").evaluate("(element) => element.getBoundingClientRect().top")
    assert -5 <= top <= 400
