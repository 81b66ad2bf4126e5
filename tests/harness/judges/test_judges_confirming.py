"""A fail that one exchange alone shows stands when its repetition shows it, too."""

from dataclasses import replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.confirming import confirmed_judgements, seen_once
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.judging import judge_all
from harness.judges.server_errors import JUDGE

GOOD = exchange(200, "{}", name="fuzz-1")
BAD = exchange(500, "{}", name="fuzz-2")


def judged(*exchanges: object) -> Finding:
    record = recorded(*exchanges, operations=[item_operation()])  # type: ignore[arg-type]
    (finding,) = confirmed_judgements(
        judge_all(record, among=[JUDGE]), record.exchanges, looked={Layer.SCENARIOS}
    )
    return finding


def again(status: int) -> object:
    return replace(exchange(status, "{}", name="fuzz-3"), step="confirm:fuzz-2")


def test_an_error_that_comes_again_stands_and_names_both() -> None:
    finding = judged(GOOD, BAD, again(500))

    assert (finding.outcome, finding.exchanges) == (Outcome.FAIL, ("fuzz-2", "fuzz-3"))


def test_an_error_that_does_not_come_again_is_inconclusive() -> None:
    finding = judged(GOOD, BAD, again(200))

    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "not-reproduced")
    assert "answer 200 (fuzz-3)" in finding.seen


def test_what_could_not_be_asked_again_is_inconclusive_and_says_so() -> None:
    finding = judged(GOOD, BAD)

    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "not-reproduced")
    assert "could not be asked again" in finding.seen


def test_what_two_exchanges_show_needs_no_repetition() -> None:
    record = recorded(BAD, replace(BAD, id="fuzz-9"), operations=[item_operation()])

    assert seen_once(judge_all(record, among=[JUDGE])) == ()
    assert judged(BAD, replace(BAD, id="fuzz-9")).outcome is Outcome.FAIL


def finding(
    *exchanges: str, outcome: Outcome = Outcome.FAIL, producer: str = "judge:server-errors"
) -> Finding:
    return Finding(
        requirement="errors.no-server-errors",
        subject="target",
        outcome=outcome,
        reason="server-error",
        layer=Layer.JUDGES,
        producer=producer,
        seen="500",
        exchanges=exchanges,
    )


def confirmed(item: Finding, *exchanges: Exchange, looked: frozenset[Layer] = frozenset(Layer)) -> Finding:
    (found,) = confirmed_judgements([item], exchanges, looked=looked)
    return found


def test_only_a_fail_that_one_exchange_alone_shows_is_asked_again_and_each_once() -> None:
    findings = [
        finding("fuzz-1"),
        finding("fuzz-2", outcome=Outcome.PASS),
        finding(),
        finding("fuzz-3", "fuzz-4"),
        finding("fuzz-5", producer="judge:exercised-statuses"),
        finding("fuzz-6"),
        finding("fuzz-1"),
    ]

    assert seen_once(findings) == ("fuzz-1", "fuzz-6")


def test_what_did_not_come_again_is_told_with_both_observations() -> None:
    repeated = replace(exchange(404, name="fuzz-3"), step="confirm:fuzz-2")

    assert confirmed(finding("fuzz-2"), BAD, repeated).seen == (
        "Once, server-error: 500 | Again: answer 404 (fuzz-3), which does not show it"
    )
    assert confirmed(finding("fuzz-2"), BAD).seen == (
        "Once, server-error: 500 | Again: it could not be asked again, and was seen nowhere else"
    )


def test_a_repetition_without_an_answer_is_none() -> None:
    silent = replace(exchange(404, name="fuzz-3"), step="confirm:fuzz-2", response=None)

    assert "could not be asked again" in confirmed(finding("fuzz-2"), BAD, silent).seen
    assert confirmed(finding("fuzz-2"), BAD, silent, looked=frozenset()) == finding("fuzz-2")


def test_a_layer_that_did_not_look_again_holds_nothing_against_a_fail() -> None:
    other = replace(BAD, layer=Layer.FUZZ)
    repeated = replace(exchange(404, name="fuzz-3"), step="confirm:fuzz-2")

    assert confirmed(finding("fuzz-2"), other, looked=frozenset({Layer.SCENARIOS})) == finding("fuzz-2")
    doubted = confirmed(finding("fuzz-2"), other, repeated, looked=frozenset())
    assert doubted.outcome is Outcome.INCONCLUSIVE


def test_a_fail_that_names_an_exchange_which_is_gone_stands() -> None:
    assert confirmed(finding("fuzz-9"), BAD) == finding("fuzz-9")


def test_a_fail_of_a_judge_of_absence_stands() -> None:
    item = finding("fuzz-2", producer="judge:exercised-statuses")

    assert confirmed(item, BAD) == item
