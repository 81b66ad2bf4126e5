"""What the plan itself says: subjects nobody judged, requirements nobody planned, and silence explained."""

from typing import Any

import pytest

from harness.core.area import Area, Level
from harness.core.errors import HarnessFault
from harness.core.layer import Layer
from harness.core.maturity import SubjectResult
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.requirement import Profile
from harness.core.run import LayerRecord
from harness.scoring.arithmetic import UNKNOWN, area_bounds, requirement_result
from harness.scoring.assemble import assemble
from harness.scoring.maturity import score
from harness.scoring.weighing import distrust, settle, weigh

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
CELL = PlannedSubject(requirement="auth.safe", subject="target")


def settled(build: Any, cell: PlannedSubject, findings: Any = (), **fields: Any) -> Any:
    (finding,) = settle(build.run([cell], **fields), findings)
    return finding


def security(maturity: Any) -> Any:
    return next(area for area in maturity.areas if area.area is Area.SECURITY)


def test_a_requirement_that_was_never_planned_stands_for_one_unmeasured_target(build: Any) -> None:
    maturity = score(build.run(), [build.requirement()], [])

    assert security(maturity).requirements[0].subjects == (
        SubjectResult(subject="target", outcome=OPEN, reason="never-planned", findings=()),
    )


@pytest.mark.parametrize(("profile", "counted"), [("portable", 0), ("core", 1)])
def test_a_requirement_of_the_core_binds_only_a_target_that_claims_it(
    build: Any, profile: str, counted: int
) -> None:
    requirement = build.requirement(profile=Profile.CORE)

    maturity = score(build.run(profile=profile), [requirement], [])

    assert len(security(maturity).requirements) == counted


def test_a_portable_requirement_binds_a_target_of_the_core(build: Any) -> None:
    maturity = score(build.run(profile="core"), [build.requirement()], [])

    assert len(security(maturity).requirements) == 1


def test_requirements_are_listed_by_id_whatever_order_they_come_in(build: Any) -> None:
    rows = [build.requirement("a.two"), build.requirement("a.one")]

    maturity = score(build.run(), rows, [])

    assert [item.requirement.id for item in security(maturity).requirements] == ["a.one", "a.two"]


def test_an_area_without_a_claim_has_none(build: Any) -> None:
    area = security(score(build.run(), [build.requirement()], []))

    assert (area.claimed_score, area.claimed_level) == (None, "")


def test_too_little_measured_says_how_much_is_missing(build: Any) -> None:
    run, requirements, findings = build.judged({build.requirement(): {"target": PASS}})

    maturity = score(run, requirements, findings)

    assert maturity.withheld == "12 % measured, 60 % are needed"


def test_a_whole_run_withholds_nothing(build: Any) -> None:
    table = {build.requirement(f"a.{area.value}", area=area): {"target": PASS} for area in Area}

    maturity = score(*build.judged(table))

    assert (maturity.withheld, maturity.measured, maturity.low, maturity.high) == ("", 1, 10, 10)


def test_checks_that_were_never_tried_on_a_defect_prove_nothing(build: Any) -> None:
    detection = {"requirements": {"auth.safe": {"defects": 0, "caught": 0}}}
    run, requirements, findings = build.judged({build.requirement(): {"t": PASS}}, detection=detection)

    assert security(score(run, requirements, findings)).confidence is None


def test_every_must_that_blocks_is_named_in_the_order_of_the_area(build: Any) -> None:
    table = {
        build.requirement("a.one", level=Level.MATURE): {"t": FAIL},
        build.requirement("a.two"): {"t": PASS},
        build.requirement("a.three", level=Level.MATURE): {"t": OPEN},
        build.requirement("a.four", level=Level.ADVANCED): {"t": FAIL},
    }

    area = security(score(*build.judged(table)))

    assert (area.level, area.blocked_by) == (Level.DEVELOPING, ("a.one", "a.three"))


def test_a_requirement_without_an_applicable_subject_does_not_apply(build: Any) -> None:
    absent = SubjectResult(
        subject="t", outcome=Outcome.NOT_APPLICABLE, reason="capability-absent", findings=()
    )

    result = requirement_result(build.requirement(), [absent])

    assert (result.low, result.high, result.outcome) == (0, 0, Outcome.NOT_APPLICABLE)
    assert result.subjects == (absent,)
    assert area_bounds([result]) == UNKNOWN


@pytest.mark.parametrize(
    ("cell", "outcome", "reason", "seen"),
    [
        (CELL, OPEN, "never-judged", ""),
        (
            PlannedSubject(requirement="auth.safe", subject="target", not_applicable="openapi: 404"),
            Outcome.NOT_APPLICABLE,
            "capability-absent",
            "openapi: 404",
        ),
        (
            PlannedSubject(requirement="auth.safe", subject="target", skip=SkipReason.NO_IDENTITY),
            OPEN,
            "no-identity",
            "",
        ),
    ],
)
def test_the_plan_speaks_for_what_nobody_judged(
    build: Any, cell: PlannedSubject, outcome: Outcome, reason: str, seen: str
) -> None:
    finding = settled(build, cell)

    assert (finding.requirement, finding.subject) == ("auth.safe", "target")
    assert (finding.outcome, finding.reason, finding.seen) == (outcome, reason, seen)
    assert (finding.layer, finding.producer) == (Layer.PROBE, "plan")


@pytest.mark.parametrize(
    ("producers", "layer"),
    [
        (("schemathesis", "fuzz", "judges"), Layer.FUZZ),
        (("judges",), Layer.JUDGES),
        (("nobody",), Layer.PROBE),
    ],
)
def test_silence_is_listed_under_the_first_layer_that_should_have_spoken(
    build: Any, producers: Any, layer: Layer
) -> None:
    finding = settled(build, CELL, producers={"auth.safe": producers})

    assert finding.layer is layer


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        (LayerRecord(completion="timed-out", detail="over 60 s"), "fuzz: over 60 s"),
        (LayerRecord(completion="timed-out"), "fuzz: timed-out"),
    ],
)
def test_a_layer_that_broke_down_explains_its_silence_in_words(
    build: Any, record: LayerRecord, seen: str
) -> None:
    finding = settled(build, CELL, layers={"fuzz": record}, producers={"auth.safe": ("fuzz",)})

    assert (finding.reason, finding.seen) == ("layer-timed-out", seen)


def test_a_layer_that_the_run_never_reached_explains_its_silence_in_words(build: Any) -> None:
    finding = settled(build, CELL, layers={}, finished="", producers={"auth.safe": ("fuzz",)})

    assert (finding.reason, finding.seen) == ("layer-not-reached", "fuzz: the run ended before it")


@pytest.mark.parametrize("producers", [("judges",), ("probe",)])
def test_who_keeps_no_record_is_not_missing_from_a_run_cut_short(build: Any, producers: Any) -> None:
    finding = settled(build, CELL, layers={}, finished="", producers={"auth.safe": producers})

    assert finding.reason == "never-judged"


def test_a_layer_missing_from_a_whole_run_was_not_asked(build: Any) -> None:
    finding = settled(build, CELL, layers={}, producers={"auth.safe": ("fuzz",)})

    assert finding.reason == "never-judged"


def test_a_layer_that_did_its_work_does_not_hide_one_that_broke_down(build: Any) -> None:
    layers = {
        "scenarios": LayerRecord(completion="completed", told_apart=True),
        "fuzz": LayerRecord(completion="crashed"),
    }

    finding = settled(build, CELL, layers=layers, producers={"auth.safe": ("scenarios", "fuzz")})

    assert finding.reason == "layer-crashed"


@pytest.mark.parametrize(
    ("layer", "record", "reason"),
    [
        (Layer.FUZZ, None, "layer-not-completed"),
        (Layer.JUDGES, None, ""),
        (Layer.PROBE, None, ""),
        (Layer.FUZZ, LayerRecord(completion="crashed", told_apart=True), "layer-crashed"),
        (Layer.FUZZ, LayerRecord(completion="completed"), "canary-failed"),
        (Layer.FUZZ, LayerRecord(completion="completed", told_apart=True), ""),
    ],
)
def test_the_reason_for_distrust_is_a_code(layer: Layer, record: Any, reason: str) -> None:
    assert distrust(layer, record) == reason


def test_a_finding_of_a_broken_layer_that_saw_nothing_ends_without_a_colon(build: Any) -> None:
    finding = settled(build, CELL, [build.finding(layer=Layer.FUZZ)], layers={})

    assert finding.seen == "pass (seen-pass)"


def test_an_error_of_a_broken_layer_keeps_its_own_reason(build: Any) -> None:
    error = build.finding(outcome=Outcome.ERROR, layer=Layer.FUZZ, reason="tool-missing")

    assert settled(build, CELL, [error], layers={}) == error


def test_a_check_that_waves_a_subject_through_keeps_its_reason_and_is_open(build: Any) -> None:
    waved = build.finding(outcome=Outcome.NOT_APPLICABLE, reason="no-such-thing", seen="nothing there")

    finding = settled(build, CELL, [waved])

    assert (finding.outcome, finding.reason, finding.seen) == (OPEN, "no-such-thing", "nothing there")


def test_a_check_may_repeat_that_the_plan_found_nothing_to_apply_to(build: Any) -> None:
    cell = PlannedSubject(requirement="auth.safe", subject="target", not_applicable="none")
    run = build.run([cell])

    found = settle(run, [build.finding(outcome=Outcome.NOT_APPLICABLE)])

    assert {item.outcome for item in found} == {Outcome.NOT_APPLICABLE}


def test_what_nobody_judged_has_no_reason_of_a_finding(build: Any) -> None:
    (result,) = weigh(build.run([CELL]), [])["auth.safe"]

    assert (result.outcome, result.reason, result.findings) == (OPEN, "", ())


def test_the_reason_of_a_subject_is_that_of_the_first_deciding_finding(build: Any) -> None:
    run = build.run([CELL])
    findings = [
        build.finding(outcome=PASS, layer=Layer.JUDGES),
        build.finding(outcome=FAIL, layer=Layer.SCENARIOS, reason="second"),
        build.finding(outcome=FAIL, layer=Layer.FUZZ, reason="first"),
    ]

    (result,) = weigh(run, settle(run, findings))["auth.safe"]

    assert (result.outcome, result.reason) == (FAIL, "first")


def test_subjects_are_weighed_once_and_in_order(build: Any) -> None:
    cells = [("auth.safe", "b"), ("auth.safe", "a"), ("auth.safe", "b")]

    weighed = weigh(build.run(cells), [])

    assert [item.subject for item in weighed["auth.safe"]] == ["a", "b"]


def test_findings_are_listed_by_requirement_subject_layer_and_producer(build: Any) -> None:
    rows = [
        ("b.two", "a", Layer.FUZZ, "p"),
        ("a.one", "b", Layer.FUZZ, "p"),
        ("a.one", "a", Layer.SCENARIOS, "p"),
        ("a.one", "a", Layer.FUZZ, "q"),
        ("a.one", "a", Layer.FUZZ, "p"),
    ]
    findings = [build.finding(name, on, layer=layer, producer=by) for name, on, layer, by in rows]

    found = settle(build.run(), findings)

    assert [(item.requirement, item.subject, item.layer, item.producer) for item in found] == sorted(rows)


def test_findings_that_differ_in_one_word_are_both_kept_in_a_fixed_order(build: Any) -> None:
    one, two = build.finding(seen="one é"), build.finding(seen="two")

    assert settle(build.run([CELL]), [two, one, two]) == (one, two)


def test_a_run_of_another_rubric_is_told_where_its_own_is(build: Any) -> None:
    run = build.run([("b.two", "target"), ("a.one", "target"), ("auth.safe", "target")])

    with pytest.raises(HarnessFault) as caught:
        assemble(run, [build.requirement()], engine_findings=[], judge_findings=[], exchanges={})

    assert caught.value.message == (
        "run 20260101-000000-shop planned a.one, b.two, which its rubric does not hold"
    )
    assert caught.value.remedy == "score the run with the rubric.json of its own folder"


def test_a_scored_run_carries_its_evidence(build: Any) -> None:
    run = build.run([CELL])
    mine, judges = build.finding(), build.finding(layer=Layer.JUDGES)

    scored = assemble(
        run,
        [build.requirement("b.two"), build.requirement()],
        engine_findings=[mine],
        judge_findings=[judges],
        exchanges={},
    )

    assert scored.run == run
    assert [item.id for item in scored.requirements] == ["auth.safe", "b.two"]
    assert scored.findings == (judges, mine)
    assert scored.verdict.exit_code == 0
    assert scored.exchanges == {}


def test_an_exempt_subject_says_so_whatever_else_was_open(build: Any) -> None:
    cell = PlannedSubject(requirement="auth.safe", subject="target", skip=SkipReason.EXEMPT)
    run = build.run([cell])
    doubt = build.finding(outcome=OPEN, layer=Layer.CHAOS, reason="too-few")

    (result,) = weigh(run, settle(run, [doubt]))["auth.safe"]

    assert (result.outcome, result.reason) == (OPEN, "exempt")
