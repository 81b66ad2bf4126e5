"""Judges that documented operations are there."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.placing import Placed, is_misplaced, placed
from harness.judges.protocol import Judge, Recorded

_ID = "implemented-operations"
_REQUIREMENT = "docs.operations-implemented"
_MOST_NAMED = 5


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that is surely there or surely not; none when all are elsewhere."""
    if is_misplaced(found):
        return
    seen = placed(found)
    for subject in sorted(seen):
        each = seen[subject]
        if each.there or each.is_missing:
            yield _finding(subject, each, found.base_url)


def _finding(subject: str, each: Placed, base_url: str) -> Finding:
    lacking = [*each.refused_method, *each.like_unknown][:_MOST_NAMED]
    items = each.there[:1] or lacking
    statuses = ", ".join(sorted({str(item.response.status) for item in lacking if item.response}))
    return Finding(
        requirement=_REQUIREMENT,
        subject=subject,
        outcome=Outcome.PASS if each.there else Outcome.FAIL,
        reason="implemented" if each.there else "not-implemented",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="a documented operation is answered otherwise than what does not exist",
        seen="" if each.there else f"every answer is {statuses}, as for what does not exist",
        exchanges=tuple(item.id for item in items),
        reproduction="" if each.there else curl(items[0].request, base_url),
    )


_OPERATIONS = [item_operation()]
_UNKNOWN = exchange(404, '{"detail": "Not Found"}', name="scenarios-2", target="/none")

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}"), _UNKNOWN, operations=_OPERATIONS),
    bad=recorded(exchange(405, '{"detail": "Method Not Allowed"}'), _UNKNOWN, operations=_OPERATIONS),
)
