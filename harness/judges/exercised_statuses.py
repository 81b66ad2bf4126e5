"""Judges how many of an operation's documented statuses the contracts and scenarios really provoke."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding, Measurement
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.examples import JSON, PROBLEM, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import operation_answers

_ID = "exercised-statuses"
_REQUIREMENT = "testing.documented-statuses-exercised"
_LAYERS = {Layer.CONTRACTS, Layer.SCENARIOS}
_LEAST_SHARE = 0.5
#: 429 and 5xx are documented for the day they happen; a test that provokes them proves something else.
_NOT_EXPECTED = ("429", "default")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation once contracts or scenarios have run; before that, nothing.

    Without contracts of the target's own, what our scenarios leave out is no fault of its tests.
    """
    if not any(item.layer in _LAYERS for item in found.exchanges):
        return
    seen: dict[str, dict[str, Exchange]] = {}
    for operation, item, response in operation_answers(found):
        if item.layer in _LAYERS:
            seen.setdefault(operation.subject, {}).setdefault(str(response.status), item)
    has_contracts = any(item.layer is Layer.CONTRACTS for item in found.exchanges)
    for operation in found.operations:
        if expected := _expected(operation):
            finding = _finding(operation, expected, seen.get(operation.subject, {}))
            yield finding if has_contracts or finding.outcome is Outcome.PASS else _unknown(finding)


def _unknown(finding: Finding) -> Finding:
    return replace(
        finding,
        outcome=Outcome.INCONCLUSIVE,
        reason="no-contracts",
        seen=f"{finding.seen}; no contract of the target's own was verified",
    )


def _expected(operation: Operation) -> tuple[str, ...]:
    return tuple(
        sorted(
            status for status in operation.responses if status not in _NOT_EXPECTED and status[:1] in "1234"
        )
    )


def _finding(operation: Operation, expected: tuple[str, ...], seen: Mapping[str, Exchange]) -> Finding:
    met = [status for status in expected if any(_is(status, answered) for answered in seen)]
    unseen = [status for status in expected if status not in met]
    share = len(met) / len(expected)
    is_enough = share >= _LEAST_SHARE
    examples = [
        item.id for answered, item in sorted(seen.items()) if any(_is(name, answered) for name in met)
    ]
    return Finding(
        requirement=_REQUIREMENT,
        subject=operation.subject,
        outcome=Outcome.PASS if is_enough else Outcome.FAIL,
        reason="statuses-exercised" if is_enough else "statuses-unseen",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected=f"at least half of {', '.join(expected)} are exercised by contracts or scenarios",
        seen=f"{len(met)} of {len(expected)} exercised"
        + (f"; unseen: {', '.join(unseen)}" if unseen else ""),
        exchanges=tuple(examples),
        measurements={
            "exercised_share": Measurement(
                value=share, low=share, high=share, limit=_LEAST_SHARE, samples=len(expected)
            )
        },
    )


def _is(documented: str, answered: str) -> bool:
    return documented == answered or documented.upper() == f"{answered[0]}XX"


_OPERATIONS = [item_operation(s200=(JSON,), s404=(PROBLEM,), s422=(PROBLEM,))]

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    judges_absence=True,
    good=recorded(exchange(200, "{}"), exchange(404, "{}", name="scenarios-2"), operations=_OPERATIONS),
    bad=recorded(exchange(200, "{}", name="contracts-1", layer=Layer.CONTRACTS), operations=_OPERATIONS),
)
