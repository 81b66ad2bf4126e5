"""Judges that operations answer no 5xx while nothing behind them is broken."""

from collections.abc import Iterator

from harness.core.exchange import Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers

_ID = "server-errors"
_REQUIREMENT = "errors.no-server-errors"
#: Answers that are given at the door, before the operation itself does anything.
_AT_THE_DOOR = frozenset({401, 403, 405, 429})


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation; one that never let anybody in has not been tried."""
    tried = {
        operation.subject
        for operation, _, response in operation_answers(found)
        if response.status not in _AT_THE_DOOR
    }
    yield from findings(
        (item for item in _observations(found) if item.subject in tried),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="no answer of 5xx, other than a 503 that says when to come back",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        is_error = _is_error(response)
        yield Observation(
            subject=operation.subject,
            exchange=item,
            flaw="server-error" if is_error else "",
            seen=f"{item.request.method} {item.request.path} answered {response.status}" if is_error else "",
        )


def _is_error(response: Response) -> bool:
    says_when = response.status == 503 and response.header("retry-after")
    return response.status >= 500 and not says_when


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), operations=[item_operation()]),
    bad=recorded(exchange(500, "{}"), operations=[item_operation()]),
)
