"""Judges that headers do not say which version of which software answers."""

import re
from collections.abc import Iterator

from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "server-versions"
_REQUIREMENT = "security.server-version-hidden"
_HEADERS = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator")
_VERSION = re.compile(r"[A-Za-z][\w.+ -]*[/ ]v?\d+\.\d+|^\d+\.\d+\.\d+")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="no version number of the server's software in Server, X-Powered-By and the like",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        told = [
            f"{name}: {value}" for name in _HEADERS for value in response.all(name) if _VERSION.search(value)
        ]
        where = f"{item.request.method} {item.request.path} answered {response.status}"
        yield Observation(
            subject="target",
            exchange=item,
            flaw="version-told" if told else "",
            seen=f"{where} with {', '.join(told)}" if told else "",
        )


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}", headers={"Server": "nginx"})),
    bad=recorded(exchange(200, "{}", headers={"Server": "nginx/1.18.0"})),
)
