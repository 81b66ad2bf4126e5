"""Judges that a failure is not told in the body of a success."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, json_of, operation_answers

_ID = "errors-in-success"
_REQUIREMENT = "errors.not-in-success"
_FAILED = frozenset({"error", "fail", "failed", "failure"})
_TELLING = frozenset({"message", "error", "errors", "detail", "code", "reason", "error_description", "msg"})


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target from the successes of declared operations."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer of 2xx does not say that the request failed",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        body = json_of(response) if 200 <= response.status < 300 else None
        if not isinstance(body, dict) or _is_of_another_protocol(body, json_of(item.request)):
            continue
        sign = _sign(body)
        yield Observation(
            subject="target",
            exchange=item,
            flaw="error-in-success" if sign else "",
            seen=f"{operation.subject} answered {response.status} with {sign}" if sign else "",
        )


def _sign(body: Mapping[str, Any]) -> str:
    """Return what says that the request failed, when nothing but that is said."""
    rest = set(body) - {"success", "ok", "status"} - _TELLING
    if rest:
        return ""  # a resource may have members of these names
    told = [name for name in _TELLING if body.get(name)]
    for name in ("success", "ok"):
        if told and body.get(name) is False:
            return f'"{name}": false'
    status = body.get("status")
    is_failed = isinstance(status, str) and status.lower() in _FAILED
    is_code = isinstance(status, int) and not isinstance(status, bool) and 400 <= status < 600
    if told and (is_failed or is_code):
        return f'"status": {status!r}'
    return 'nothing but "error"' if set(body) == {"error"} and told else ""


def _is_of_another_protocol(body: Mapping[str, Any], asked: Any) -> bool:
    """GraphQL and JSON-RPC tell their errors in a 200 by their own rules."""
    return "jsonrpc" in body or (isinstance(asked, dict) and ("query" in asked or "jsonrpc" in asked))


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, '{"id": 1, "error": "none"}'), operations=[item_operation()]),
    bad=recorded(exchange(200, '{"error": "no such item"}'), operations=[item_operation()]),
)
