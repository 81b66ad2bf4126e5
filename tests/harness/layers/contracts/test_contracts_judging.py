"""Each rule of the contracts layer on a defective example, on a sound one, and on silence."""

from pathlib import Path

import pytest

from harness.core.finding import Finding
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.core.spawn import ToolEnd
from harness.layers.contracts.copies import BrokenCopy
from harness.layers.contracts.judging import (
    BROKEN_CAUGHT,
    MESSAGES_KEPT,
    OPERATIONS_UNDER_CONTRACT,
    SEARCH_MATCHES,
    WEBHOOK_KEPT,
    broken_finding,
    compared_finding,
    coverage_findings,
)
from harness.layers.contracts.pacts import Interaction, Kind
from harness.layers.contracts.verification import InteractionResult, Verdict, Verified

PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
ENDED = ToolEnd(exit_code=0, timed_out=False, interrupted=False, seconds=1.0)
ITEM = Operation(method="GET", path="/items/{id}")
READS = Interaction(
    kind=Kind.HTTP,
    consumer="shop",
    provider="items",
    description="reads an item",
    states=(),
    position=0,
    method="GET",
    path="/items/1",
    status=200,
)
BROKEN = BrokenCopy(path=Path("broken.json"), interaction=READS, member="name")


def verified(verdict: Verdict, *mismatches: str, description: str = "reads an item") -> Verified:
    result = InteractionResult(
        consumer="shop", description=description, states=(), verdict=verdict, mismatches=mismatches
    )
    return Verified(end=ENDED, results=(result,))


NOTHING = Verified(end=ENDED, detail="the verifier was stopped")


@pytest.mark.parametrize(
    ("interactions", "results", "outcome", "reason"),
    [
        ((), NOTHING, FAIL, "not-under-contract"),
        ((READS,), verified(Verdict.MATCHED), PASS, "under-contract"),
        ((READS,), verified(Verdict.MISMATCHED, "$.name"), OPEN, "contract-not-verified"),
        ((READS,), NOTHING, OPEN, "contract-not-verified"),
    ],
)
def test_an_operation_is_under_contract_once_an_interaction_of_it_was_verified(
    interactions: tuple[Interaction, ...], results: Verified, outcome: Outcome, reason: str
) -> None:
    (finding,) = coverage_findings(Operations([ITEM]), interactions, results)

    assert (finding.requirement, finding.subject) == (OPERATIONS_UNDER_CONTRACT, "GET /items/{id}")
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_a_contract_on_another_operation_covers_nothing() -> None:
    other = Operations([Operation(method="POST", path="/items"), ITEM])

    found = {
        item.subject: item.outcome for item in coverage_findings(other, (READS,), verified(Verdict.MATCHED))
    }

    assert found == {"GET /items/{id}": PASS, "POST /items": FAIL}


@pytest.mark.parametrize(
    ("broken", "results", "outcome", "reason"),
    [
        (BROKEN, verified(Verdict.MATCHED), FAIL, "broken-contract-green"),
        (BROKEN, verified(Verdict.MISMATCHED, "status was 500"), FAIL, "broken-contract-green"),
        (BROKEN, verified(Verdict.MISMATCHED, "$.renamed_name is missing"), PASS, "caught"),
        (BROKEN, verified(Verdict.UNANSWERED, "connection refused"), OPEN, "not-verified"),
        (BROKEN, NOTHING, OPEN, "not-verified"),
        (None, None, OPEN, "nothing-to-break"),
    ],
)
def test_a_contract_broken_on_purpose_has_to_turn_red_for_what_was_broken(
    broken: BrokenCopy | None, results: Verified | None, outcome: Outcome, reason: str
) -> None:
    finding = broken_finding(broken, results)

    assert (finding.requirement, finding.subject) == (BROKEN_CAUGHT, "target")
    assert (finding.outcome, finding.reason) == (outcome, reason)


def compared(requirement: str, results: Verified, *extra: str) -> Finding:
    return compared_finding(requirement, "message.accepted", "It is as agreed.", results, extra)


@pytest.mark.parametrize("requirement", [MESSAGES_KEPT, SEARCH_MATCHES, WEBHOOK_KEPT])
def test_what_left_the_target_is_held_against_its_contract(requirement: str) -> None:
    kept = compared(requirement, verified(Verdict.MATCHED, description="message.accepted"))
    broken = compared(
        requirement, verified(Verdict.MISMATCHED, "$.id is missing", description="message.accepted")
    )

    assert (kept.outcome, kept.reason) == (PASS, "kept")
    assert (broken.outcome, broken.reason, broken.seen) == (FAIL, "mismatch", "$.id is missing")
    assert {kept.requirement, broken.requirement} == {requirement}


def test_a_request_that_asks_more_than_the_contract_names_breaks_it() -> None:
    matched = verified(Verdict.MATCHED, description="message.accepted")

    finding = compared(SEARCH_MATCHES, matched, "$.query: spy is not in the contract")

    assert (finding.outcome, finding.seen) == (FAIL, "$.query: spy is not in the contract")


@pytest.mark.parametrize(
    "results",
    [
        NOTHING,
        verified(Verdict.MATCHED, description="message.other"),
        verified(Verdict.UNANSWERED, "no body", description="message.accepted"),
    ],
)
def test_what_was_not_compared_is_inconclusive(results: Verified) -> None:
    finding = compared(MESSAGES_KEPT, results)

    assert (finding.outcome, finding.reason) == (OPEN, "not-compared")
