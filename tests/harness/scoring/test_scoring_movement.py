"""What changed between two runs, and to what each part of a moved score is due."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from harness.core.area import Area
from harness.core.finding import fingerprint
from harness.core.history import AreaPoint, ChangeKind, Entry, changes_between
from harness.core.outcome import Outcome
from harness.core.requirement import Weight
from harness.scoring.maturity import score
from harness.scoring.movement import entry_of, past_of
from harness.scoring.verdict import decide

PASS, FAIL, OPEN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR
NONE = Outcome.NOT_APPLICABLE


def remembered(build: Any, table: Any, **fields: Any) -> Entry:
    run, requirements, findings = build.judged(table, **fields)
    maturity = score(run, requirements, findings)
    return entry_of(run, maturity, decide(run, requirements, findings, maturity))


def compared(build: Any, before: Any, after: Any, **fields: Any) -> Any:
    earlier = remembered(build, before)
    run, requirements, findings = build.judged(after, **fields)
    past = past_of(run, score(run, requirements, findings), [earlier])
    assert past is not None
    return past


def of_security(past: Any) -> Any:
    return next(item for item in past.movements if item.area == Area.SECURITY.value)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (PASS, FAIL, ChangeKind.NEW_FAILURE),
        (OPEN, FAIL, ChangeKind.NEW_FAILURE),
        (None, FAIL, ChangeKind.NEW_FAILURE),
        (FAIL, PASS, ChangeKind.FIXED),
        (PASS, OPEN, ChangeKind.UNMEASURED),
        (FAIL, OPEN, ChangeKind.UNMEASURED),
        (FAIL, ERROR, ChangeKind.UNMEASURED),
        (OPEN, PASS, ChangeKind.MEASURED),
        (ERROR, PASS, ChangeKind.MEASURED),
        (None, PASS, ChangeKind.APPEARED),
        (NONE, OPEN, ChangeKind.APPEARED),
        (PASS, None, ChangeKind.VANISHED),
        (FAIL, NONE, ChangeKind.VANISHED),
        (OPEN, ERROR, None),
        (NONE, None, None),
        (PASS, PASS, None),
    ],
)
def test_each_pair_of_outcomes_is_one_kind_of_change(before: Any, after: Any, kind: Any) -> None:
    cell = ("auth.safe", "GET /a")
    found = changes_between({} if before is None else {cell: before}, {} if after is None else {cell: after})

    assert [change.kind for change in found] == ([] if kind is None else [kind])


def test_the_first_run_has_no_past(build: Any) -> None:
    run, requirements, findings = build.judged({build.requirement(): {"1": PASS}})

    assert past_of(run, score(run, requirements, findings), []) is None


def test_an_answer_that_changed_is_code(build: Any) -> None:
    need = build.requirement()

    moved = of_security(compared(build, {need: {"1": FAIL, "2": PASS}}, {need: {"1": PASS, "2": PASS}}))

    assert (moved.code, moved.measured, moved.scope) == (Fraction(5), 0, 0)


def test_what_can_no_longer_be_judged_is_the_measured_share(build: Any) -> None:
    need = build.requirement()

    moved = of_security(compared(build, {need: {"1": PASS, "2": PASS}}, {need: {"1": OPEN, "2": PASS}}))

    assert (moved.code, moved.measured, moved.scope) == (0, Fraction(-5), 0)


def test_another_requirement_is_scope_even_when_it_fails(build: Any) -> None:
    need, new = build.requirement(), build.requirement("auth.new")

    past = compared(build, {need: {"1": PASS}}, {need: {"1": PASS}, new: {"1": FAIL}}, rubric_hash="other")

    moved = of_security(past)
    assert (moved.code, moved.measured, moved.scope) == (0, 0, Fraction(-5))
    assert not past.is_same_rubric


def test_a_subject_that_is_gone_is_scope(build: Any) -> None:
    need = build.requirement()

    moved = of_security(compared(build, {need: {"1": PASS, "2": FAIL}}, {need: {"1": PASS}}))

    assert (moved.code, moved.measured, moved.scope) == (0, 0, Fraction(5))


def test_the_parts_add_up_to_the_whole_also_where_a_critical_requirement_cuts_the_area(build: Any) -> None:
    critical = build.requirement("auth.critical", weight=Weight.CRITICAL)
    need, gone, new = build.requirement(), build.requirement("auth.gone"), build.requirement("auth.new")
    before = {critical: {"1": PASS}, need: {"1": FAIL, "2": PASS, "3": OPEN}, gone: {"1": PASS}}
    after = {critical: {"1": FAIL}, need: {"1": PASS, "2": OPEN, "3": OPEN}, new: {"1": FAIL}}

    moved = of_security(compared(build, before, after))

    assert moved.after - moved.before == moved.code + moved.measured + moved.scope
    assert moved.code
    assert moved.measured
    assert moved.scope


def test_a_run_without_a_level_is_remembered_without_levels(build: Any) -> None:
    entry = remembered(build, {build.requirement(): {"1": PASS}}, is_partial=True)

    assert (entry.level, entry.low) == ("", None)
    assert {point.level for point in entry.areas.values()} == {""}


def test_a_run_is_remembered_with_all_its_members(build: Any) -> None:
    table = {
        build.requirement(f"x.{area.value}", area=area): {
            "1": PASS,
            "2": PASS,
            "3": PASS,
            "4": FAIL,
            "5": OPEN,
        }
        for area in Area
    }

    entry = remembered(build, table, fingerprint="v7", rubric_version="3", rubric_hash="h")

    point = AreaPoint(low=Fraction(6), high=Fraction(8), measured=Fraction(4, 5), level="initial")
    assert entry == Entry(
        run="20260101-000000-shop",
        started="2026-01-01T00:00:00+00:00",
        target="shop",
        version="v7",
        profile="portable",
        depth="quick",
        rubric_version="3",
        rubric_hash="h",
        exit_code=1,
        level="initial",
        low=Fraction(6),
        high=Fraction(8),
        measured=Fraction(4, 5),
        areas={area.value: point for area in Area},
        requirements={f"x.{area.value}": FAIL for area in Area},
        failing=tuple(sorted(fingerprint(f"x.{area.value}", "4", "shop") for area in Area)),
        cells={
            (requirement.id, subject): outcome
            for requirement, subjects in table.items()
            for subject, outcome in subjects.items()
        },
    )


def test_an_area_of_which_the_earlier_run_knew_nothing_comes_from_zero(build: Any) -> None:
    need = build.requirement()
    earlier = replace(remembered(build, {need: {"1": PASS}}), areas={})
    run, requirements, findings = build.judged({need: {"1": PASS}})

    past = past_of(run, score(run, requirements, findings), [earlier])

    moved = of_security(past)
    assert (moved.before, moved.after, moved.scope) == (0, Fraction(10), Fraction(10))


def test_a_run_by_the_same_rubric_says_so(build: Any) -> None:
    need = build.requirement()

    assert compared(build, {need: {"1": PASS}}, {need: {"1": FAIL}}).is_same_rubric is True


def test_the_comparison_is_with_the_last_run(build: Any) -> None:
    need = build.requirement()
    first, last = (remembered(build, {need: {"1": outcome}}) for outcome in (PASS, FAIL))
    run, requirements, findings = build.judged({need: {"1": PASS}})

    past = past_of(run, score(run, requirements, findings), [first, replace(last, run="last")])

    assert past is not None
    assert past.last.run == "last"
    assert [change.kind for change in past.changes] == [ChangeKind.FIXED]
