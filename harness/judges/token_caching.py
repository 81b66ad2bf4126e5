"""Judges that answers which hand out tokens forbid caches to keep them (RFC 6749 5.1)."""

from collections.abc import Iterator
from typing import Any

from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of

_ID = "token-caching"
_REQUIREMENT = "security.tokens-not-cached"
_TOKENS = frozenset({"access_token", "refresh_token", "id_token", "accessToken", "refreshToken", "idToken"})


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from the answers that hold tokens."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="Cache-Control: no-store on every answer that hands out a token",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if not (200 <= response.status < 300 and _hands_out(json_of(response))):
            continue
        is_kept = "no-store" not in (response.header("cache-control") or "").lower()
        where = f"{item.request.method} {item.request.path}"
        seen = f"{where} hands out a token without Cache-Control: no-store" if is_kept else ""
        yield Observation(
            subject="target", exchange=item, flaw="token-cacheable" if is_kept else "", seen=seen
        )


def _hands_out(body: Any) -> bool:
    """Whether a token stands in the answer, or in the one envelope around it."""
    if not isinstance(body, dict):
        return False
    inner = [each for each in body.values() if isinstance(each, dict)]
    return any(isinstance(each.get(name), str) for each in (body, *inner) for name in _TOKENS)


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, '{"access_token": "x"}', headers={"Cache-Control": "no-store"})),
    bad=recorded(exchange(200, '{"access_token": "x"}')),
)
