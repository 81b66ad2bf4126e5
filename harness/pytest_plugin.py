"""The pytest plug-in: options, marks and outcomes of scenario packs, by hand and inside a run.

By hand: `pytest scenarios/portable --target https://service.example`. Without `--target` it does nothing but
know its marks.
"""

from importlib import import_module

import pytest

from harness.layers.scenarios.signals import Inconclusive, NotApplicable

__all__ = ["Inconclusive", "NotApplicable"]

MARKS = (
    "requirement(id, *subjects): the requirement a scenario judges, and the subjects it names",
    "needs(capability): judged only where a probe did not show the capability absent",
    "writes: sends requests that change something; never run without consent",
    "faults: injects faults; never run without consent",
    "timeout(seconds): how long a scenario may take where pytest-timeout watches, when that is not the usual",
    'depth(name): the least depth at which a scenario runs ("standard" or "full"; every depth when absent)',
)
#: Loaded only when there is a target, so that other people's pytest starts as fast as before.
_SESSION_MODULES = ("harness.layers.scenarios.session", "harness.layers.scenarios.fixtures")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of scenario packs."""
    group = parser.getgroup("core-harness", "CORE Harness scenarios")
    group.addoption("--target", metavar="URL|FILE", help="what to judge: a base URL or a target file")
    group.addoption("--findings", metavar="FILE", help="append one JSON line per judged subject to this file")
    group.addoption("--harness-context", metavar="FILE", help="a running instance, as a run describes it")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks and, with a target, everything else."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    if _has_target(config):
        for module in _SESSION_MODULES:
            config.pluginmanager.register(import_module(module))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run scenarios on nothing."""
    if not _has_target(config) and any(item.get_closest_marker("requirement") for item in items):
        raise pytest.UsageError("scenarios judge a target: give --target URL or --target FILE")


def _has_target(config: pytest.Config) -> bool:
    return bool(config.getoption("--target") or config.getoption("--harness-context"))
