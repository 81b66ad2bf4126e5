"""Judges that problem details, where a target sends them, have the members and types of RFC 9457."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.judges.examples import PROBLEM, exchange, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of

_ID = "problem-members"
_REQUIREMENT = "errors.problem-details-valid"
_REFERENCE = re.compile(r"[^\s<>\"{}|\\^`]*")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without problem details there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="type and instance are URI references, title and detail text, status that of the answer",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.media_type != PROBLEM:
            continue
        body = json_of(response)
        if body is None:
            continue
        seen = _flaw(body, response.status)
        where = f"{item.request.method} {item.request.path} answered {response.status}"
        yield Observation(
            subject="target",
            exchange=item,
            flaw="problem-malformed" if seen else "",
            seen=f"{where}: {seen}" if seen else "",
        )


def _flaw(body: Any, status: int) -> str:
    if not isinstance(body, dict):
        return "the problem is no object"
    for name in ("type", "title", "detail", "instance"):
        if name in body and not isinstance(body[name], str):
            return f"{name} is no string"
    if "status" in body and body["status"] != status:
        return f"status is {body['status']!r}"
    return _reference_flaw(body)


def _reference_flaw(body: Mapping[str, Any]) -> str:
    for name in ("type", "instance"):
        if not _REFERENCE.fullmatch(body.get(name, "")):
            return f"{name} is no URI reference: {body[name]!r}"
    return ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(404)),
    bad=recorded(exchange(404, '{"type": "a b", "status": 400}', media_type=PROBLEM)),
)
