"""Judges that answers carry the headers that keep browsers from guessing, framing and downgrading."""

from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, has_body

_ID = "security-headers"
_REQUIREMENT = "security.headers-set"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="X-Content-Type-Options nosniff; no framing of HTML; Strict-Transport-Security on HTTPS",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    is_https = found.base_url.startswith("https:")
    for item, response in answers(found):
        if not has_body(item, response):
            continue
        flaw, seen = _flaw(item, response, is_https=is_https)
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response, *, is_https: bool) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    if (response.header("x-content-type-options") or "").strip().lower() != "nosniff":
        return "nosniff-missing", f"{where} without X-Content-Type-Options: nosniff"
    if response.media_type == "text/html" and not _forbids_framing(response):
        return "framing-allowed", f"{where} with HTML that may be framed"
    if is_https and not response.header("strict-transport-security"):
        return "hsts-missing", f"{where} without Strict-Transport-Security"
    return "", ""


def _forbids_framing(response: Response) -> bool:
    policies = " ".join(response.all("content-security-policy")).lower()
    return "frame-ancestors" in policies or response.header("x-frame-options") is not None


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, "{}", headers={"X-Content-Type-Options": "nosniff"})),
    bad=recorded(exchange(200, "{}")),
)
