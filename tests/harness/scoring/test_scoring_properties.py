"""What must hold of every score, whatever was found."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.core.area import Area, Level
from harness.core.layer import ENGINE_LAYERS
from harness.core.outcome import Outcome
from harness.core.requirement import EvidenceKind, Weight
from harness.scoring.maturity import score
from harness.scoring.movement import entry_of, past_of
from harness.scoring.verdict import decide
from harness.scoring.weighing import settle

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
MEASURED = [PASS, FAIL]
ANY = [PASS, FAIL, OPEN, Outcome.ERROR, Outcome.NOT_APPLICABLE, None]


@dataclass(frozen=True)
class Row:
    weight: Weight
    must: bool
    evidence: EvidenceKind
    level: Level
    outcomes: tuple[Outcome | None, ...]


def tables(outcomes: Any = ANY) -> Any:
    row = st.builds(
        Row,
        weight=st.sampled_from(Weight),
        must=st.booleans(),
        evidence=st.sampled_from(EvidenceKind),
        level=st.sampled_from([Level.DEVELOPING, Level.MATURE, Level.ADVANCED]),
        outcomes=st.lists(st.sampled_from(outcomes), min_size=1, max_size=3).map(tuple),
    )
    return st.lists(row, min_size=1, max_size=5).map(tuple)


def judged(build: Any, table: Any) -> Any:
    return build.judged(
        {
            build.requirement(
                f"a.r{number}", row.weight, must=row.must, evidence=row.evidence, level=row.level
            ): {f"s{index}": outcome for index, outcome in enumerate(row.outcomes)}
            for number, row in enumerate(table)
        }
    )


def security(build: Any, table: Any) -> Any:
    return area_of(score(*judged(build, table)))


def area_of(maturity: Any) -> Any:
    return next(area for area in maturity.areas if area.area is Area.SECURITY)


def changed(table: Any, row: Any, cell: Any, outcome: Any) -> Any:
    outcomes = list(table[row].outcomes)
    outcomes[cell] = outcome
    return (*table[:row], replace(table[row], outcomes=tuple(outcomes)), *table[row + 1 :])


def cells(table: Any, outcome: Any) -> Any:
    return [
        (row, cell)
        for row, item in enumerate(table)
        for cell, found in enumerate(item.outcomes)
        if found is outcome
    ]


@given(table=tables())
def test_bounds_are_ordered_and_between_zero_and_ten(build: Any, table: Any) -> None:
    area = security(build, table)

    assert 0 <= area.low <= area.high <= 10
    assert 0 <= area.measured <= 1


@given(table=tables([PASS, FAIL, Outcome.NOT_APPLICABLE]))
def test_what_is_all_measured_has_no_interval(build: Any, table: Any) -> None:
    area = security(build, table)

    if cells(table, PASS) or cells(table, FAIL):
        assert area.low == area.high
        assert area.measured == 1


@given(table=tables(), data=st.data())
def test_a_fail_that_becomes_a_pass_never_lowers_a_bound(build: Any, table: Any, data: Any) -> None:
    for row, cell in cells(table, FAIL):
        before, after = security(build, table), security(build, changed(table, row, cell, PASS))

        assert after.low >= before.low
        assert after.high >= before.high


@given(table=tables())
def test_an_open_subject_that_becomes_a_pass_never_lowers_a_bound(build: Any, table: Any) -> None:
    for row, cell in cells(table, OPEN):
        before, after = security(build, table), security(build, changed(table, row, cell, PASS))

        assert after.low >= before.low
        assert after.high >= before.high


@given(table=tables())
def test_a_pass_that_becomes_open_never_raises_the_lower_bound(build: Any, table: Any) -> None:
    for row, cell in cells(table, PASS):
        assert security(build, changed(table, row, cell, OPEN)).low <= security(build, table).low


@given(table=tables())
def test_a_failed_critical_that_becomes_open_never_raises_the_lower_bound(build: Any, table: Any) -> None:
    for row, cell in cells(table, FAIL):
        if table[row].weight is Weight.CRITICAL:
            assert security(build, changed(table, row, cell, OPEN)).low <= security(build, table).low


@given(table=tables())
def test_a_subject_that_disappears_from_the_findings_never_raises_the_lower_bound(
    build: Any, table: Any
) -> None:
    run, requirements, findings = judged(build, table)
    whole = area_of(score(run, requirements, findings))

    for gone in findings:
        rest = [item for item in findings if item is not gone]
        assert area_of(score(run, requirements, rest)).low <= whole.low


@given(table=tables(), data=st.data())
def test_order_and_repetition_make_no_difference(build: Any, table: Any, data: Any) -> None:
    run, requirements, findings = judged(build, table)
    repeated = [
        *findings,
        *data.draw(st.lists(st.sampled_from(findings), max_size=4) if findings else st.just([])),
    ]
    shuffled = data.draw(st.permutations(repeated))

    assert score(run, requirements, shuffled) == score(run, requirements, findings)


@given(table=tables(), data=st.data())
def test_no_further_finding_masks_a_fail(build: Any, table: Any, data: Any) -> None:
    run, requirements, findings = judged(build, table)
    before = area_of(score(run, requirements, findings))
    failed = [item for item in findings if item.outcome is FAIL]
    more = [
        replace(item, outcome=data.draw(st.sampled_from(Outcome)), producer="fuzz:other") for item in failed
    ]

    after = area_of(score(run, requirements, [*more, *findings]))

    assert (after.low, after.high) == (before.low, before.high)


@given(table=tables(), outcome=st.sampled_from(Outcome))
def test_a_finding_on_an_unplanned_subject_never_counts(build: Any, table: Any, outcome: Any) -> None:
    run, requirements, findings = judged(build, table)
    stray = build.finding("a.r0", "GET /never-planned", outcome)

    assert score(run, requirements, [*findings, stray]) == score(run, requirements, findings)


@given(table=tables())
def test_a_check_cannot_declare_a_failed_subject_not_applicable(build: Any, table: Any) -> None:
    run, requirements, findings = judged(build, table)
    before = area_of(score(run, requirements, findings))
    waved = [
        replace(item, outcome=Outcome.NOT_APPLICABLE) if item.outcome is FAIL else item for item in findings
    ]

    after = area_of(score(run, requirements, waved))

    assert after.low <= before.low
    assert after.measured <= before.measured


@given(table=tables())
def test_each_further_failing_critical_lowers_a_bound_that_is_above_zero(build: Any, table: Any) -> None:
    passing = [
        number
        for number, row in enumerate(table)
        if row.weight is Weight.CRITICAL
        and row.evidence is EvidenceKind.BEHAVIOUR
        and set(row.outcomes) == {PASS}
    ]
    before = security(build, table).low
    for number in passing:
        table = changed(table, number, 0, FAIL)
        after = security(build, table).low

        assert after < before
        before = after


@given(table=tables(), layer=st.sampled_from(ENGINE_LAYERS))
def test_a_layer_that_broke_down_proves_nothing(build: Any, table: Any, layer: Any) -> None:
    run, requirements, findings = judged(build, table)
    broken = replace(
        run, layers={name: replace(item, completion="crashed") for name, item in run.layers.items()}
    )

    area = area_of(score(broken, requirements, [replace(item, layer=layer) for item in findings]))

    assert area.low == 0
    assert area.measured == 0


@given(table=tables())
def test_settling_twice_changes_nothing(build: Any, table: Any) -> None:
    run, _, findings = judged(build, table)

    once = settle(run, findings)

    assert settle(run, once) == once


@given(table=tables())
def test_the_share_that_is_open_is_the_width_of_the_interval_without_criticals_and_texts(
    build: Any, table: Any
) -> None:
    plain = tuple(replace(row, weight=Weight.HIGH, evidence=EvidenceKind.BEHAVIOUR) for row in table)
    area = security(build, plain)

    assert area.high - area.low == Fraction(10) * (1 - area.measured)


@given(before=tables(), after=tables())
def test_what_moved_a_score_adds_up_and_nothing_moved_is_nothing(build: Any, before: Any, after: Any) -> None:
    first, requirements, findings = judged(build, before)
    maturity = score(first, requirements, findings)
    entry = entry_of(first, maturity, decide(first, requirements, findings, maturity))

    for table in (before, after):
        run, requirements, findings = judged(build, table)
        past = past_of(run, score(run, requirements, findings), [entry])
        assert past is not None
        for item in past.movements:
            assert item.after - item.before == item.code + item.measured + item.scope
            if table == before:
                assert (item.code, item.measured, item.scope) == (0, 0, 0)
