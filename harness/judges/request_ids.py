"""Judges that every answer carries a request id, and the caller's own when it sent a proper one."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "request-ids"
_REQUIREMENT = "errors.request-id-echoed"
_HEADER = "X-Request-ID"
#: What no target has a reason to replace: neither short enough to clash nor long or odd enough to attack.
_PROPER = re.compile(r"[A-Za-z0-9_-]{8,64}")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected=f"every answer carries {_HEADER}; a proper one of the request comes back unchanged",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        flaw, seen = _flaw(item, response)
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    answered = response.header(_HEADER)
    if not answered:
        return "request-id-missing", f"{where} without {_HEADER}"
    sent = item.request.all(_HEADER)
    if len(sent) == 1 and _PROPER.fullmatch(sent[0]) and sent[0] != answered:
        return "request-id-replaced", f"{where} with {answered} for {sent[0]}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, sent={_HEADER: "req-0001"}, headers={_HEADER: "req-0001"})),
    bad=recorded(exchange(200, sent={_HEADER: "req-0001"}, headers={_HEADER: "req-9999"})),
)
