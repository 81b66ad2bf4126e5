"""A run is remembered member by member, and what became of each subject since is told with both outcomes."""

from fractions import Fraction
from typing import Any

import pytest

from harness.core.history import (
    AreaPoint,
    Change,
    ChangeKind,
    Entry,
    changes_between,
    entry_from_json,
    entry_to_json,
)
from harness.core.outcome import Outcome

ENTRY = Entry(
    run="r1",
    started="2026-01-01T00:00:00+00:00",
    target="shop",
    version="v7",
    profile="portable",
    depth="quick",
    rubric_version="3",
    rubric_hash="h",
    exit_code=2,
    level="mature",
    low=Fraction(1, 3),
    high=Fraction(9, 2),
    measured=Fraction(5, 7),
    areas={
        "security": AreaPoint(
            low=Fraction(1), high=Fraction(7, 2), measured=Fraction(2, 3), level="developing"
        )
    },
    requirements={"b.two": Outcome.PASS, "a.one": Outcome.FAIL},
    failing=("f1", "f2"),
    cells={
        ("b.two", "u"): Outcome.PASS,
        ("a.one", "u"): Outcome.INCONCLUSIVE,
        ("a.one", "t"): Outcome.FAIL,
    },
)
RECORD: dict[str, Any] = {
    "schema": "history/1",
    "run": "r1",
    "started": "2026-01-01T00:00:00+00:00",
    "target": "shop",
    "version": "v7",
    "profile": "portable",
    "depth": "quick",
    "rubric_version": "3",
    "rubric_hash": "h",
    "exit_code": 2,
    "level": "mature",
    "low": "1/3",
    "high": "9/2",
    "measured": "5/7",
    "areas": {"security": {"low": "1", "high": "7/2", "measured": "2/3", "level": "developing"}},
    "requirements": {"a.one": "fail", "b.two": "pass"},
    "failing": ["f1", "f2"],
    "cells": {"a.one": {"t": "fail", "u": "inconclusive"}, "b.two": {"u": "pass"}},
}
TREND: dict[str, Any] = {
    **{name: value for name, value in RECORD.items() if name != "cells"},
    "level": "",
    "low": None,
    "high": None,
}


def test_a_run_is_written_with_all_its_members_in_an_order_of_its_own() -> None:
    record = entry_to_json(ENTRY)

    assert record == RECORD
    assert list(record["requirements"]) == ["a.one", "b.two"]
    assert list(record["cells"]) == ["a.one", "b.two"]
    assert list(record["cells"]["a.one"]) == ["t", "u"]


def test_a_run_is_read_with_all_its_members() -> None:
    assert entry_from_json(RECORD) == ENTRY


def test_a_run_without_a_level_and_without_subjects_is_kept_as_such() -> None:
    entry = entry_from_json(TREND)

    assert (entry.low, entry.high, entry.level, entry.cells) == (None, None, "", {})
    assert entry_to_json(entry) == TREND


def test_a_record_of_another_schema_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"^a record of 'history/2'$"):
        entry_from_json({**RECORD, "schema": "history/2"})


def test_a_change_names_its_subject_and_both_outcomes_in_order() -> None:
    before = {
        ("b.two", "t"): Outcome.FAIL,
        ("a.one", "u"): Outcome.PASS,
        ("c.three", "t"): Outcome.NOT_APPLICABLE,
    }
    after = {("b.two", "t"): Outcome.PASS, ("c.three", "t"): Outcome.ERROR, ("d.four", "t"): Outcome.PASS}

    assert changes_between(before, after) == (
        Change(kind=ChangeKind.VANISHED, requirement="a.one", subject="u", before=Outcome.PASS, after=None),
        Change(
            kind=ChangeKind.FIXED, requirement="b.two", subject="t", before=Outcome.FAIL, after=Outcome.PASS
        ),
        Change(
            kind=ChangeKind.APPEARED, requirement="c.three", subject="t", before=None, after=Outcome.ERROR
        ),
        Change(kind=ChangeKind.APPEARED, requirement="d.four", subject="t", before=None, after=Outcome.PASS),
    )
