"""The sample run that every format renders."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.maturity import ScoredRun


@pytest.fixture(scope="session")
def sample_run() -> Callable[..., ScoredRun]:
    spec = importlib.util.spec_from_file_location("sample_run", Path(__file__).with_name("sample_run.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    built: Callable[..., ScoredRun] = module.sample_run
    return built


@pytest.fixture(scope="session")
def sample(sample_run: Callable[..., ScoredRun]) -> ScoredRun:
    return sample_run()
