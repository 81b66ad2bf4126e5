"""Judges that a resource has no methods which the document does not tell of."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "undeclared-methods"
_REQUIREMENT = "docs.operations-complete"
#: Methods that every resource may have without a word.
_UNSPOKEN = frozenset({"HEAD", "OPTIONS", "TRACE", "CONNECT"})


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target from the Allow fields of documented resources."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="every method that Allow names at a documented path is documented there",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        declared = found.operations.methods_matching(item.request.path)
        fields = response.all("allow")
        if not declared or not fields:
            continue
        allowed = {name.strip().upper() for field in fields for name in field.split(",") if name.strip()}
        extra = sorted(allowed - declared - _UNSPOKEN)
        yield Observation(
            subject="target",
            exchange=item,
            flaw="method-undocumented" if extra else "",
            seen=f"{item.request.path}: Allow names {', '.join(extra)}, the document does not"
            if extra
            else "",
        )


_OPERATIONS = [Operation(method="GET", path="/items")]

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(405, method="PUT", target="/items", headers={"Allow": "GET, HEAD"}), operations=_OPERATIONS
    ),
    bad=recorded(
        exchange(405, method="PUT", target="/items", headers={"Allow": "GET, DELETE"}), operations=_OPERATIONS
    ),
)
