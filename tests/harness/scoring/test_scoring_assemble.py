"""What a run's evidence becomes: settled findings, kept strays, exemptions, the same value for any order."""

import random
from typing import Any

import pytest

from harness.core.errors import HarnessFault
from harness.core.exchange import Exchange, Request
from harness.core.history import ChangeKind
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject, SkipReason
from harness.core.run import LayerRecord
from harness.scoring.assemble import assemble
from harness.scoring.movement import entry_of, past_of

PASS, FAIL, OPEN, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR


def put_together(build: Any, run: Any, findings: Any, **fields: Any) -> Any:
    plain = {"engine_findings": findings, "judge_findings": (), "exchanges": {}, **fields}
    return assemble(run, [build.requirement()], **plain)


def exchange(name: str) -> Exchange:
    return Exchange(id=name, layer=Layer.FUZZ, request=Request(method="GET", target="/"))


def only_subject(scored: Any) -> Any:
    (subject,) = scored.maturity.areas[-1].requirements[0].subjects
    return subject


def test_the_order_of_evidence_makes_no_difference(build: Any) -> None:
    findings = [
        build.finding(subject=f"GET /{number}", outcome=outcome, producer=f"fuzz:{number}", layer=layer)
        for number in range(6)
        for outcome in (PASS, FAIL)
        for layer in (Layer.FUZZ, Layer.JUDGES)
    ]
    run = build.run([("auth.safe", f"GET /{number}") for number in range(8)])
    straight = put_together(build, run, findings)

    random.Random(1).shuffle(findings)
    shuffled = put_together(build, run, findings[:7], judge_findings=findings[5:])

    assert shuffled == straight


def test_a_subject_that_was_planned_and_never_judged_is_inconclusive_with_its_reason(build: Any) -> None:
    scored = put_together(build, build.run([("auth.safe", "target")]), [])

    (finding,) = scored.findings
    assert (finding.outcome, finding.reason, finding.producer) == (OPEN, "never-judged", "plan")


@pytest.mark.parametrize(
    ("layers", "fields", "reason"),
    [
        ({"fuzz": LayerRecord(completion="timed-out", detail="over 60 s")}, {}, "layer-timed-out"),
        ({}, {"finished": ""}, "layer-not-reached"),
        ({"fuzz": LayerRecord(completion="completed", told_apart=True)}, {}, "never-judged"),
    ],
)
def test_silence_is_explained_by_the_layer_that_should_have_judged(
    build: Any, layers: Any, fields: Any, reason: Any
) -> None:
    run = build.run([("auth.safe", "target")], layers=layers, producers={"auth.safe": ("fuzz",)}, **fields)

    (finding,) = put_together(build, run, []).findings

    assert (finding.reason, finding.layer) == (reason, Layer.FUZZ)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (LayerRecord(completion="crashed", told_apart=True), "layer-crashed"),
        (LayerRecord(completion="timed-out", told_apart=True), "layer-timed-out"),
        (LayerRecord(completion="completed", told_apart=False), "canary-failed"),
        (None, "layer-not-completed"),
    ],
)
@pytest.mark.parametrize("outcome", [PASS, FAIL, OPEN])
def test_findings_of_a_layer_that_cannot_be_trusted_become_errors(
    build: Any, record: Any, reason: Any, outcome: Any
) -> None:
    run = build.run([("auth.safe", "target")], layers={"fuzz": record} if record else {})

    scored = put_together(build, run, [build.finding(outcome=outcome, layer=Layer.FUZZ, seen="a 500")])

    (finding,) = scored.findings
    assert (finding.outcome, finding.reason) == (ERROR, reason)
    assert finding.seen == f"{outcome.value} (seen-{outcome.value}): a 500"


def test_judges_and_probes_need_no_layer_record(build: Any) -> None:
    run = build.run([("auth.safe", "target")], layers={})

    scored = put_together(build, run, [build.finding(layer=Layer.JUDGES)])

    assert only_subject(scored).outcome is PASS


def test_a_finding_on_an_unplanned_subject_is_kept_and_listed(build: Any) -> None:
    run = build.run([("auth.safe", "GET /a")])

    scored = put_together(build, run, [build.finding(subject="GET /a"), build.finding(subject="GET /b")])

    assert {finding.subject for finding in scored.findings} == {"GET /a", "GET /b"}
    assert only_subject(scored).subject == "GET /a"


def test_a_fail_dominates_and_gives_its_reason(build: Any) -> None:
    findings = [
        build.finding(outcome=PASS, layer=Layer.JUDGES),
        build.finding(outcome=OPEN, layer=Layer.FUZZ),
        build.finding(outcome=FAIL, layer=Layer.SCENARIOS, reason="status-500"),
        build.finding(outcome=ERROR, layer=Layer.CHAOS),
    ]

    subject = only_subject(put_together(build, build.run([("auth.safe", "target")]), findings))

    assert (subject.outcome, subject.reason) == (FAIL, "status-500")
    assert len(subject.findings) == 4


@pytest.mark.parametrize("skip", [SkipReason.EXEMPT, SkipReason.REQUIREMENT_NOT_SELECTED])
@pytest.mark.parametrize("outcome", [PASS, FAIL])
def test_what_was_exempted_or_not_selected_is_inconclusive_whatever_was_found_and_keeps_its_findings(
    build: Any, outcome: Any, skip: SkipReason
) -> None:
    cell = PlannedSubject(requirement="auth.safe", subject="target", skip=skip)

    subject = only_subject(put_together(build, build.run([cell]), [build.finding(outcome=outcome)]))

    assert (subject.outcome, subject.reason) == (OPEN, skip.value)
    assert outcome in {finding.outcome for finding in subject.findings}


def test_a_skipped_subject_cannot_pass_but_can_fail(build: Any) -> None:
    cell = PlannedSubject(requirement="auth.safe", subject="target", skip=SkipReason.NO_CONSENT_WRITES)

    def outcome_with(found: Any) -> Any:
        return only_subject(put_together(build, build.run([cell]), [build.finding(outcome=found)])).outcome

    assert outcome_with(PASS) is OPEN
    assert outcome_with(FAIL) is FAIL


def test_not_applicable_comes_from_the_plan_and_never_hides_a_fail(build: Any) -> None:
    cell = PlannedSubject(requirement="auth.safe", subject="target", not_applicable="openapi: 404")
    run = build.run([cell])

    absent = put_together(build, run, [])
    failed = put_together(build, run, [build.finding(outcome=FAIL)])

    assert only_subject(absent).outcome is Outcome.NOT_APPLICABLE
    assert absent.findings[0].seen == "openapi: 404"
    assert only_subject(failed).outcome is FAIL


def test_a_check_that_says_not_applicable_is_inconclusive(build: Any) -> None:
    run = build.run([("auth.safe", "target")])

    scored = put_together(build, run, [build.finding(outcome=Outcome.NOT_APPLICABLE)])

    assert only_subject(scored).outcome is OPEN


def test_only_the_exchanges_that_findings_name_are_carried(build: Any) -> None:
    run = build.run([("auth.safe", "target")])
    recorded = {name: exchange(name) for name in ("fuzz-2", "fuzz-1", "fuzz-3")}

    scored = put_together(
        build, run, [build.finding(exchanges=("fuzz-2", "fuzz-1", "fuzz-9"))], exchanges=recorded
    )

    assert list(scored.exchanges) == ["fuzz-1", "fuzz-2"]


def test_a_requirement_in_its_first_version_is_listed_and_gives_no_points(build: Any) -> None:
    run = build.run([("auth.safe", "target")])

    scored = put_together(build, run, [build.finding(outcome=FAIL)], not_scored=frozenset({"auth.safe"}))

    assert scored.maturity.areas[-1].requirements == ()
    assert [item.id for item in scored.requirements] == ["auth.safe"]
    assert scored.findings[0].outcome is FAIL
    assert scored.verdict.exit_code == 5


def test_a_plan_of_another_rubric_is_refused(build: Any) -> None:
    with pytest.raises(HarnessFault, match=r"planned hub\.unheard-of"):
        put_together(build, build.run([("hub.unheard-of", "target")]), [])


def test_a_run_is_compared_with_the_last_of_the_earlier_ones(build: Any) -> None:
    run = build.run([("auth.safe", "target")])
    alone = put_together(build, run, [build.finding()])
    earlier = entry_of(run, alone.maturity, alone.verdict)

    compared = put_together(build, run, [build.finding(outcome=FAIL)], earlier=[earlier])

    assert alone.past is None
    assert compared.past == past_of(run, compared.maturity, [earlier])
    assert [change.kind for change in compared.past.changes] == [ChangeKind.NEW_FAILURE]
