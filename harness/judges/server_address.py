"""Judges that the document names the address at which its operations really live."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import exchange, recorded
from harness.judges.placing import is_misplaced, placed
from harness.judges.protocol import Judge, Recorded

_ID = "server-address"
_REQUIREMENT = "docs.server-address-true"
_MOST_NAMED = 5


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, once an operation was found or none of several was."""
    seen = placed(found)
    there = [each.there[0] for each in seen.values() if each.there]
    is_wrong = is_misplaced(found)
    if not there and not is_wrong:
        return
    lost = [item for each in seen.values() for item in each.like_unknown]
    named = (lost if is_wrong else there)[:_MOST_NAMED]
    yield Finding(
        requirement=_REQUIREMENT,
        subject="target",
        outcome=Outcome.FAIL if is_wrong else Outcome.PASS,
        reason="address-wrong" if is_wrong else "address-true",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="operations answer below the address and base path that the document states",
        seen=f"none of {len(seen)} operations is answered otherwise than a path that does not exist"
        if is_wrong
        else f"{len(there)} of {len(seen)} operations were found",
        exchanges=tuple(item.id for item in named),
        reproduction=curl(named[0].request, found.base_url) if is_wrong else "",
    )


_OPERATIONS = [Operation(method="GET", path="/items"), Operation(method="GET", path="/jobs")]
_NOT_FOUND = '{"detail": "Not Found"}'
_UNKNOWN = exchange(404, _NOT_FOUND, name="scenarios-3", target="/none")

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "[]", target="/items"), _UNKNOWN, operations=_OPERATIONS),
    bad=recorded(
        exchange(404, _NOT_FOUND, target="/items"),
        exchange(404, _NOT_FOUND, name="scenarios-2", target="/jobs"),
        _UNKNOWN,
        operations=_OPERATIONS,
    ),
    sees_misplaced=True,
)
