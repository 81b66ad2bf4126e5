"""The sample run that every format renders."""

from collections.abc import Callable

import pytest

from harness.core.history import Entry
from harness.core.maturity import ScoredRun
from tests.harness.reporting.sample_run import earlier_runs
from tests.harness.reporting.sample_run import sample_run as build


@pytest.fixture(scope="session")
def sample_run() -> Callable[..., ScoredRun]:
    return build


@pytest.fixture(scope="session")
def sample() -> ScoredRun:
    return build()


@pytest.fixture(scope="session")
def earlier() -> tuple[Entry, ...]:
    return earlier_runs()


@pytest.fixture(scope="session")
def fifth(earlier: tuple[Entry, ...]) -> ScoredRun:
    """A run with four before it."""
    return build(earlier=earlier)
