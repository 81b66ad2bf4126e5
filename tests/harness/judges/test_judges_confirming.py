"""A fail that one exchange alone shows stands when its repetition shows it, too."""

from dataclasses import replace

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
