"""Judges that a redirect to the same resource stays on the origin that was asked."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "redirects"
_REQUIREMENT = "http.redirects-keep-origin"
_MOVED = frozenset({301, 302, 303, 307, 308})
_URL = re.compile(r"(?:(?P<scheme>(?i:https?)):)?//(?P<host>[^/?#]*)(?P<path>[^?#]*).*")
_LOOPBACK = re.compile(r"(?i)(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a redirect there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="a redirect names where to go, and one that only mends the path keeps scheme and host",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.status in _MOVED:
            flaw, seen = _flaw(found, item, response)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(found: Recorded, item: Exchange, response: Response) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    location = response.header("location")
    if not location:
        return "location-missing", f"{where} without Location"
    match = _URL.fullmatch(location.strip())
    if match is None or match["path"].strip("/") != item.request.path.strip("/"):
        return "", ""  # another resource may live anywhere
    base = _URL.fullmatch(found.base_url)
    asked = {item.request.header("host") or "", base["host"] if base else ""}
    is_local = bool(_LOOPBACK.fullmatch(match["host"])) and any(map(_LOOPBACK.fullmatch, asked))
    if match["host"] not in asked and not is_local:
        return "origin-left", f"{where} with Location: {location}"
    if found.base_url.lower().startswith("https:") and (match["scheme"] or "").lower() == "http":
        return "scheme-lowered", f"{where} with Location: {location}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(307, target="/items/", headers={"Location": "http://127.0.0.1:8000/items"})),
    bad=recorded(exchange(307, target="/items/", headers={"Location": "http://internal:8080/items"})),
)
