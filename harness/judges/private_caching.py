"""Judges that what a credential opened is not offered to caches that others share (RFC 9111 3.5)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers

_ID = "private-caching"
_REQUIREMENT = "security.private-answers-not-shared"
_SHARED = re.compile(r"(?i)(?:^|,)\s*(public|s-maxage)\b")
_CREDENTIALS = ("authorization", "cookie", "x-api-key")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target, from secured reads that were answered to a credential."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="no Cache-Control of public or s-maxage on what only a credential opens",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        if not (operation.is_secured and operation.method == "GET" and _has_credential(item)):
            continue
        if not 200 <= response.status < 300:
            continue
        directives = response.header("cache-control") or ""
        shared = _SHARED.search(directives)
        yield Observation(
            subject="target",
            exchange=item,
            flaw="shared-by-caches" if shared else "",
            seen=f"{operation.subject} is answered with Cache-Control: {directives}" if shared else "",
        )


def _has_credential(item: Exchange) -> bool:
    return any(item.request.header(name) is not None for name in _CREDENTIALS)


_OPERATIONS = [replace(item_operation(s200=(JSON,)), is_secured=True)]
_ASKED = {"Authorization": "Bearer {{secret:bearer:1}}"}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(200, "{}", headers={"Cache-Control": "private"}, sent=_ASKED), operations=_OPERATIONS
    ),
    bad=recorded(
        exchange(200, "{}", headers={"Cache-Control": "public, max-age=60"}, sent=_ASKED),
        operations=_OPERATIONS,
    ),
)
