"""Judges that a problem's status member is the status it came with."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.judges.examples import PROBLEM, exchange, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of

_ID = "problem-status"
_REQUIREMENT = "errors.problem-status-matches"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; problems without the member say nothing."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="the status member of a problem is the number of the answer's status",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        body = json_of(response) if response.media_type == PROBLEM else None
        if not isinstance(body, dict) or "status" not in body:
            continue
        stated = body["status"]
        # JSON has one kind of number: 404.0 is 404, true is not 1
        is_same = not isinstance(stated, bool) and stated == response.status
        yield Observation(
            subject="target",
            exchange=item,
            flaw="" if is_same else "status-differs",
            seen="" if is_same else f"status {stated!r} in an answer of {response.status}",
        )


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(404)),
    bad=recorded(
        exchange(404, '{"type": "about:blank", "title": "Gone", "status": 410}', media_type=PROBLEM)
    ),
)
