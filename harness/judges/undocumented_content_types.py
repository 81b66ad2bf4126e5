"""Judges that answers have a media type their document declares for the status."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, has_body, operation_answers

_ID = "undocumented-content-types"
_REQUIREMENT = "api.content-types-documented"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that answered with a body under a status that declares types."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer's media type is one that the OpenAPI document declares for its status",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        declared = _declared(operation, response.status)
        if not declared or not has_body(item, response):
            continue
        matches = any(fnmatchcase(response.media_type, pattern) for pattern in declared)
        kind = response.media_type or "no type"
        seen = f"{response.status} with {kind}, declared are {', '.join(declared)}"
        yield Observation(
            subject=operation.subject,
            exchange=item,
            flaw="" if matches else "content-type-undocumented",
            seen="" if matches else seen,
        )


def _declared(operation: Operation, status: int) -> tuple[str, ...]:
    """Return the types of the most specific entry that documents the status."""
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in operation.responses:
            return tuple(_bare(item) for item in operation.responses[key])
    return ()


def _bare(media_type: str) -> str:
    return media_type.split(";", 1)[0].strip().lower()


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), operations=[item_operation(s200=(JSON,))]),
    bad=recorded(
        exchange(200, "<p>hello</p>", media_type="text/html"), operations=[item_operation(s200=(JSON,))]
    ),
)
