"""Judges that an answer continues the trace its request came with."""

import re
from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings

_ID = "trace-context"
_REQUIREMENT = "monitoring.trace-context-echoed"
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ANSWERS = ("traceresponse", "traceparent", "trace-id", "x-trace-id")
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; requests without a valid traceparent say nothing."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="a request with a valid traceparent is answered with its trace id in traceresponse",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        trace = _trace_id(item)
        if not trace:
            continue
        flaw, seen = _flaw(item, response, trace)
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _trace_id(item: Exchange) -> str:
    sent = item.request.all("traceparent")
    match = _TRACEPARENT.fullmatch(sent[0].strip()) if len(sent) == 1 else None
    return match.group(1) if match else ""


def _flaw(item: Exchange, response: Response, trace: str) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    answered = [value for name in _ANSWERS if (value := response.header(name))]
    if not answered:
        return "trace-not-answered", f"{where} without a trace id"
    if not any(trace in value for value in answered):
        return "trace-replaced", f"{where} with {answered[0]} for trace {trace}"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, sent={"traceparent": _TRACE}, headers={"traceresponse": _TRACE})),
    bad=recorded(exchange(200, sent={"traceparent": _TRACE})),
)
