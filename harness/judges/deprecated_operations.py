"""Judges that operations which the document calls deprecated say so in their answers, as RFC 9745 has it."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.field_syntax import is_http_date
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers
from harness.judges.texts import declared

_ID = "deprecated-operations"
_REQUIREMENT = "api.deprecated-operations-announced"
_SF_DATE = re.compile(r"@-?\d{1,15}(?:;.*)?")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a deprecated operation that answered, none."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer of a deprecated operation carries Deprecation as a date (RFC 9745)",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    deprecated = {operation.subject for operation, raw in declared(found) if raw.get("deprecated") is True}
    for operation, item, response in operation_answers(found):
        if operation.subject in deprecated and response.status < 400:
            flaw, seen = _flaw(item, response)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    announced = response.header("deprecation")
    if not announced:
        return "deprecation-silent", f"{where} without Deprecation, and the document calls it deprecated"
    if not _SF_DATE.fullmatch(announced.strip()):
        return "deprecation-malformed", f"{where} with Deprecation: {announced}"
    sunset = response.header("sunset")
    if sunset and not is_http_date(sunset.strip()):
        return "sunset-malformed", f"{where} with Sunset: {sunset}"
    return "", ""


_DOCUMENT = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {"deprecated": True}}}}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(200, "{}", headers={"Deprecation": "@1767225600"}),
        operations=[item_operation()],
        openapi=_DOCUMENT,
    ),
    bad=recorded(exchange(200, "{}"), operations=[item_operation()], openapi=_DOCUMENT),
)
