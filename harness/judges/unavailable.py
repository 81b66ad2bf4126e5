"""Judges that every 503 is a problem and says when to come back; it looks at faulted traffic, too."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import PROBLEM, exchange, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "unavailable"
_REQUIREMENT = "errors.unavailable-says-when"
_SECONDS = re.compile(r"\d+")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a 503 there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="a 503 is application/problem+json and carries Retry-After in seconds or as a date",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.status == 503:
            flaw, seen = _flaw(item, response)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path}"
    retry = response.header("retry-after")
    if retry is None:
        return "retry-after-missing", f"{where}: 503 without Retry-After"
    if not _says_when(retry.strip()):
        return "retry-after-unreadable", f"{where}: Retry-After is {retry!r}"
    if item.request.method != "HEAD" and response.media_type != PROBLEM:
        return "not-problem-details", f"{where}: 503 with {response.media_type or 'no media type'}"
    return "", ""


def _says_when(value: str) -> bool:
    if _SECONDS.fullmatch(value):
        return True
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return True


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(503, headers={"Retry-After": "5"})),
    bad=recorded(exchange(503, "{}")),
    sees_faults=True,
)
