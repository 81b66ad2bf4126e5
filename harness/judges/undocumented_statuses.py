"""Judges that operations answer only with statuses their document declares."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers

_ID = "undocumented-statuses"
_REQUIREMENT = "api.status-codes-documented"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that answered; an operation that documents nothing says nothing."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="the operation answers only with statuses that its OpenAPI document declares",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        if not operation.responses:
            continue
        is_documented = operation.documents(response.status)
        seen = f"{response.status}, documented are {', '.join(sorted(operation.responses))}"
        yield Observation(
            subject=operation.subject,
            exchange=item,
            flaw="" if is_documented else "status-undocumented",
            seen="" if is_documented else seen,
        )


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), operations=[item_operation(s200=(JSON,))]),
    bad=recorded(exchange(409, "{}"), operations=[item_operation(s200=(JSON,))]),
)
