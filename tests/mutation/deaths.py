"""How a mutant died: a test said what was wrong, or the code under it fell over."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

ASSERTION = "assertion"
CRASH = "crash"


def kind_of(failure: BaseException) -> str:
    """Return which of the two it was; Hypothesis raises what a falsified test raised, several as a group."""
    if isinstance(failure, BaseExceptionGroup):
        kinds = {kind_of(each) for each in failure.exceptions}
        return ASSERTION if ASSERTION in kinds else CRASH
    return ASSERTION if isinstance(failure, AssertionError | pytest.fail.Exception) else CRASH


def note(folder: Path, mutant: str, test: str, failure: BaseException) -> None:
    """Write down the failure that told a mutant apart."""
    folder.mkdir(exist_ok=True)
    record = {"test": test, "kind": kind_of(failure), "exception": type(failure).__name__}
    path = _path(folder, mutant)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(record), encoding="utf-8")
    unfinished.replace(path)


def noted(folder: Path, mutant: str) -> Mapping[str, str]:
    """Return what was noted of a mutant's death: its kind, the exception, the test; or nothing."""
    path = _path(folder, mutant)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _path(folder: Path, mutant: str) -> Path:
    return folder / f"{mutant}.json"
