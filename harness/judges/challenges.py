"""Judges that every 401 says how to authenticate (RFC 9110 15.5.2)."""

from collections.abc import Iterator

from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "challenges"
_REQUIREMENT = "security.challenge-given"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from its 401 answers."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="every 401 carries WWW-Authenticate with a challenge",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.status == 401:
            is_missing = not (response.header("www-authenticate") or "").strip()
            where = f"{item.request.method} {item.request.path}"
            yield Observation(
                subject="target",
                exchange=item,
                flaw="challenge-missing" if is_missing else "",
                seen=f"{where} answered 401 without WWW-Authenticate" if is_missing else "",
            )


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(401, headers={"WWW-Authenticate": "Bearer"})),
    bad=recorded(exchange(401)),
)
