"""Judges that Bearer challenges name an error where a token came, and none where none came (RFC 6750 3.1)."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "bearer-errors"
_REQUIREMENT = "security.bearer-errors-coded"
_CHALLENGE = re.compile(r"(?i)(?:^|,)\s*bearer\b")
_ERROR = re.compile(r'(?i)\berror\s*=\s*"?([a-z_]+)')
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_TOKEN = re.compile(r"(?i)bearer\s+\S")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from its 401 answers that ask for a bearer token."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected='error="invalid_token" where a token was refused, and no error code where none was sent',
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        challenge = ", ".join(response.all("www-authenticate"))
        if response.status == 401 and _CHALLENGE.search(challenge):
            operation = found.operations.find(item.request.method, item.request.path)
            if operation is None and item.request.method not in _WITHOUT_BODY:
                continue  # a body may have held what was refused: a password, a refresh token
            if operation is not None and not operation.is_secured:
                continue  # what it refuses is not the token that came along
            flaw, seen = _flaw(item, response, challenge, needs_token=operation is not None)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response, challenge: str, *, needs_token: bool) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    error = _ERROR.search(challenge)
    sent = item.request.header("authorization") or ""
    if _TOKEN.match(sent) and error is None:
        return "error-missing", f"{where} to a bearer token with {challenge!r}, which names no error"
    if needs_token and not sent and error is not None:
        return "error-unasked", f"{where} to no credentials at all with error={error[1]}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(
            401,
            sent={"Authorization": "Bearer x"},
            headers={"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'},
        )
    ),
    bad=recorded(exchange(401, sent={"Authorization": "Bearer x"}, headers={"WWW-Authenticate": "Bearer"})),
)
