"""Judges that no address which the target gives out carries a token (RFC 9700 4.3.2)."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, text_of

_ID = "token-addresses"
_REQUIREMENT = "security.tokens-not-in-addresses"
_TOKEN = re.compile(
    r"(?i)(?:https?:/|(?<=[\"<])/|^/)[^\s\"'<>]*[?&#](access_token|refresh_token|id_token|jwt|api_?key|session_?id)="
)


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from its redirects, links and bodies."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="no token or key in the query or fragment of an address in Location, Link or a body",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        place, name = _token(item, response)
        where = f"{item.request.method} {item.request.path} answered {response.status}"
        yield Observation(
            subject="target",
            exchange=item,
            flaw="token-in-address" if name else "",
            seen=f"{where} with {name} in an address in {place}" if name else "",
        )


def _token(item: Exchange, response: Response) -> tuple[str, str]:
    """Return where an address with a token stands; one that the request itself brought is no leak."""
    texts = (
        ("Location", response.header("location") or ""),
        ("Link", response.header("link") or ""),
        ("the body", _body(response)),
    )
    for place, text in texts:
        for match in _TOKEN.finditer(text):
            if f"{match[1]}=" not in item.request.target:
                return place, match[1]
    return "", ""


def _body(response: Response) -> str:
    """Return a JSON body; documents and pages show addresses as examples."""
    if not response.media_type.endswith("json"):
        return ""
    text = text_of(response) or ""
    return "" if '"openapi"' in text[:300] or '"swagger"' in text[:300] else text


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(302, headers={"Location": "/welcome?page=1"})),
    bad=recorded(exchange(302, headers={"Location": "/welcome?access_token=x"})),
)
