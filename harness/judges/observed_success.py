"""Judges that an operation was seen to succeed the way its document says."""

from collections.abc import Iterator

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import operation_answers

_ID = "observed-success"
_REQUIREMENT = "docs.success-observed"
_MOST_NAMED = 3


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that answered; without any success it stays inconclusive."""
    answered: dict[str, list[tuple[int, Exchange]]] = {}
    for operation, item, response in operation_answers(found):
        answered.setdefault(operation.subject, []).append((response.status, item))
    for operation in found.operations:
        if operation.subject in answered:
            yield _finding(operation, sorted(answered[operation.subject], key=_order), found.base_url)


def _finding(operation: Operation, answered: list[tuple[int, Exchange]], base_url: str) -> Finding:
    successes = [(status, item) for status, item in answered if 200 <= status < 400]
    documented = [(status, item) for status, item in successes if _documents_success(operation, status)]
    named = (documented or successes or answered)[:_MOST_NAMED]
    if documented:
        outcome, reason = Outcome.PASS, "success-seen"
    elif successes:
        outcome, reason = Outcome.FAIL, "only-undocumented-success"
    else:
        outcome, reason = Outcome.INCONCLUSIVE, "no-success-seen"
    statuses = ", ".join(str(status) for status in sorted({status for status, _ in answered}))
    return Finding(
        requirement=_REQUIREMENT,
        subject=operation.subject,
        outcome=outcome,
        reason=reason,
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected=f"a documented success of {', '.join(sorted(operation.responses)) or 'none'} is seen",
        seen=f"answered {statuses}",
        exchanges=tuple(item.id for _, item in named),
        reproduction="" if outcome is Outcome.PASS else curl(named[0][1].request, base_url),
    )


def _documents_success(operation: Operation, status: int) -> bool:
    """Whether the status is documented as a success; `default` stands for errors wherever one is named."""
    named = {str(status), f"{status // 100}XX"} & set(operation.responses)
    return bool(named) or set(operation.responses) == {"default"}


def _order(answer: tuple[int, Exchange]) -> tuple[int, str]:
    return (answer[0], answer[1].id)


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), operations=[item_operation(s200=(JSON,))]),
    bad=recorded(exchange(202, "{}"), operations=[item_operation(s200=(JSON,))]),
)
