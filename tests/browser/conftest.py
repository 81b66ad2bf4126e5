"""A headless Chromium for the report page; absent, it is a failure in CI and a visible skip elsewhere."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from harness.core.maturity import ScoredRun
from harness.reporting.html_page import render
from tests.harness.reporting.sample_run import earlier_runs
from tests.harness.reporting.sample_run import sample_run as build

_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


@pytest.fixture(scope="module")  # its loop runs in this thread: it must end before async tests begin
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        message = "no chromium on PATH: the report page was not looked at (install the package chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_run() -> Callable[..., ScoredRun]:
    return build


@pytest.fixture(scope="session")
def sample() -> ScoredRun:
    return build()


@pytest.fixture(scope="session")
def fifth() -> ScoredRun:
    """A run with four before it."""
    return build(earlier=earlier_runs())


@pytest.fixture
def open_report(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the report of a run; the page comes with `.heard`: console messages, errors, outside requests."""
    contexts = []

    def opened(scored: ScoredRun, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Any:
        file = tmp_path / "report.html"
        file.write_bytes(render(scored)["report.html"])
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((file.as_uri(), "data:"))
                else heard.append(f"request: {request.url}")
            ),
        )
        page.goto(file.as_uri())
        return page, heard

    yield opened
    for context in contexts:
        context.close()
