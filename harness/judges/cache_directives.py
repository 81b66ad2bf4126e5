"""Judges that what an answer says of caching does not contradict itself."""

import re
from collections.abc import Iterator, Mapping

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "cache-directives"
_REQUIREMENT = "http.caching-consistent"
_SECONDS = ("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without Cache-Control there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="Cache-Control holds no directives that exclude one another, and no cookie is shared",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if directives := directives_of(response):
            flaw, seen = _flaw(item, response, directives)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def directives_of(response: Response) -> Mapping[str, str]:
    """Return the directives of Cache-Control in lower case with their arguments."""
    found: dict[str, str] = {}
    for value in response.all("cache-control"):
        for part in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', value):
            name, _, argument = part.strip().partition("=")
            if name:
                found[name.lower()] = argument.strip('"')
    return found


def _flaw(item: Exchange, response: Response, directives: Mapping[str, str]) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    said = ", ".join(response.all("cache-control"))
    if "public" in directives and "private" in directives:
        return "cache-contradiction", f"{where} with public and private: {said}"
    lasting = directives.get("max-age") or directives.get("s-maxage") or "0"
    if "no-store" in directives and ("public" in directives or lasting.strip("0").isdecimal()):
        return "cache-contradiction", f"{where} with no-store and a lifetime: {said}"
    wrong = [name for name in _SECONDS if name in directives and not directives[name].isdecimal()]
    if wrong:
        return "cache-seconds-malformed", f"{where}, and {wrong[0]} is no number of seconds: {said}"
    if "public" in directives and response.header("set-cookie"):
        return "cookie-shared", f"{where} and lets shared caches keep a cookie: {said}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}", headers={"Cache-Control": 'private="x, y", max-age=60'})),
    bad=recorded(exchange(200, "{}", headers={"Cache-Control": "no-store, max-age=60"})),
)
