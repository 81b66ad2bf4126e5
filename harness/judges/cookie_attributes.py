"""Judges that cookies which carry a session are kept from scripts, foreign sites and plain HTTP."""

import re
from collections.abc import Iterator

from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "cookie-attributes"
_REQUIREMENT = "security.cookies-guarded"
_SESSION = re.compile(r"(?i)sess|(^|[._-])sid$|auth(?!or)|jwt|(access|refresh|id)[_-]?token|^token$|remember")
#: Cookies that a script has to read, to send their value back.
_FOR_SCRIPTS = re.compile(r"(?i)csrf|xsrf")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from the cookies it sets that are called like a session."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="HttpOnly and SameSite on every session cookie, and Secure where the target speaks HTTPS",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    is_https = found.base_url.startswith("https:")
    for item, response in answers(found):
        for cookie in response.all("set-cookie"):
            name, value, attributes = _parts(cookie)
            if not value or not _SESSION.search(name) or _FOR_SCRIPTS.search(name):
                continue
            needed = ("httponly", "samesite", *(("secure",) if is_https else ()))
            missing = [each for each in needed if each not in attributes]
            where = f"{item.request.method} {item.request.path}"
            yield Observation(
                subject="target",
                exchange=item,
                flaw=f"{missing[0]}-missing" if missing else "",
                seen=f"{where} sets the cookie {name} without {', '.join(missing)}" if missing else "",
            )


def _parts(cookie: str) -> tuple[str, str, frozenset[str]]:
    pair, *rest = cookie.split(";")
    name, _, value = pair.partition("=")
    return name.strip(), value.strip(), frozenset(each.partition("=")[0].strip().lower() for each in rest)


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}", headers={"Set-Cookie": "session=x; HttpOnly; SameSite=Lax"})),
    bad=recorded(exchange(200, "{}", headers={"Set-Cookie": "session=x; Path=/"})),
)
