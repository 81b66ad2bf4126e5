"""Judges that operations answer only with statuses their document declares."""

from collections.abc import Iterator

from harness.core.exchange import Request
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers

_ID = "undocumented-statuses"
_REQUIREMENT = "api.status-codes-documented"
#: Statuses that answer a header field of the request (RFC 9110 13 and 14), with the fields that ask for them.
_ASKED_BY = {
    206: ("range",),
    304: ("if-none-match", "if-modified-since"),
    412: ("if-match", "if-none-match", "if-unmodified-since"),
    416: ("range",),
}


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
        if not is_documented and _is_http_s_own(operation, item.request, response.status):
            continue
        seen = f"{response.status}, documented are {', '.join(sorted(operation.responses))}"
        yield Observation(
            subject=operation.subject,
            exchange=item,
            flaw="" if is_documented else "status-undocumented",
            seen="" if is_documented else seen,
        )


def _is_http_s_own(operation: Operation, request: Request, status: int) -> bool:
    """Whether HTTP itself gives the status, to a field that no client of the document would send."""
    is_of_another_type = request.media_type not in operation.request_media_types
    if status == 415:
        return is_of_another_type
    if status == 400 and request.media_type.startswith("multipart/"):
        return is_of_another_type and "boundary=" not in (request.header("Content-Type") or "")
    return any(request.header(name) is not None for name in _ASKED_BY.get(status, ()))


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), operations=[item_operation(s200=(JSON,))]),
    bad=recorded(exchange(409, "{}"), operations=[item_operation(s200=(JSON,))]),
)
