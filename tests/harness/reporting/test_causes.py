"""Failures of one cause stand together; those that say something else stand apart."""

from dataclasses import replace
from typing import Any

import pytest

from harness.core.maturity import ScoredRun
from harness.core.plan import PlannedSubject
from harness.reporting.causes import causes, normalised
from harness.reporting.reading import failures
from harness.scoring.assemble import assemble


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /items/1 answered 500", "POST /users/7/keys answered 500"),
        ("373 of 492 cases; kinds: X", "482 of 482 cases; kinds: X"),
        ("the member 'name' is missing", "the member 'price' is missing"),
        ("request req_18af764d2e2a7b35 failed", "request req_99aa764d2e2a7b11 failed"),
        ("took 412.5 ms, limit 300 ms", "took 18 ms, limit 9 ms"),
        ("unseen: 200, 404, 422", "unseen: 201, 400"),
        ("see http://127.0.0.1:81/a?b=1 now", "see https://x.example/y now"),
    ],
)
def test_names_numbers_and_addresses_make_no_other_cause(one: str, other: str) -> None:
    assert normalised(one, "GET /items/{id}") == normalised(other, "POST /users/{id}/keys")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /a answered 500", "GET /a answered 404"),
        ("no operationId", "no summary"),
        ("the body shows a stack trace", "the body shows SQL"),
    ],
)
def test_another_status_or_another_sentence_is_another_cause(one: str, other: str) -> None:
    assert normalised(one, "GET /a") != normalised(other, "GET /a")


def with_subjects(scored: ScoredRun, seen: Any, number: int) -> ScoredRun:
    template = failures(scored)[0].subject.findings[0]
    more = [replace(template, subject=f"GET /more/{at}", seen=seen(at)) for at in range(number)]
    planned = [PlannedSubject(requirement=item.requirement, subject=item.subject) for item in more]
    return assemble(
        replace(scored.run, subjects=(*scored.run.subjects, *planned)),
        scored.requirements,
        engine_findings=[*scored.findings, *more],
        judge_findings=(),
        exchanges=scored.exchanges,
    )


def test_one_cause_on_many_subjects_is_one_entry(sample: ScoredRun) -> None:
    scored = with_subjects(sample, lambda at: f"GET /more/{at} broke", 30)

    found = [cause for cause in causes(scored) if len(cause.cells) >= 30]

    assert [len(cause.cells) for cause in found] == [30]
    assert len(causes(scored)) == len(causes(sample)) + 1


def test_every_failure_is_in_exactly_one_cause(sample: ScoredRun) -> None:
    found = [cell for cause in causes(sample) for cell in cause.cells]

    assert sorted(map(id, (cell.subject for cell in found))) == sorted(
        id(cell.subject) for cell in failures(sample)
    )


def test_causes_come_worst_first_and_the_more_frequent_before_the_rarer(sample: ScoredRun) -> None:
    scored = with_subjects(sample, lambda at: "it broke" if at else "it broke otherwise", 9)
    requirement = failures(sample)[0].requirement.id

    sizes = [len(cause.cells) for cause in causes(scored) if cause.requirement.id == requirement]

    assert sizes == sorted(sizes, reverse=True)
