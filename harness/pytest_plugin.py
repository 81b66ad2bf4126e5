"""The pytest plug-in: options, marks and outcomes of scenario packs, by hand and inside a run."""

import pytest

MARKS = (
    "requirement(id, *subjects): the requirement a scenario judges, and the subjects it names",
    "needs(capability): judged only where a probe did not show the capability absent",
    "writes: sends requests that change something; never run without consent",
    "faults: injects faults; never run without consent",
    'depth(name): the least depth at which a scenario runs ("standard" or "full"; every depth when absent)',
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of scenario packs."""
    group = parser.getgroup("core-harness", "CORE Harness scenarios")
    group.addoption("--target", metavar="URL|FILE", help="what to judge: a base URL or a target file")
    group.addoption("--findings", metavar="FILE", help="append one JSON line per judged subject to this file")
    group.addoption("--harness-context", metavar="FILE", help="a running instance, as a run describes it")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
