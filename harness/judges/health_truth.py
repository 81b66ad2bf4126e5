"""Judges what health answers say: status code and body agree, and dependencies are told."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of

_ID = "health-truth"
_AGREES = "monitoring.health-status-agrees"
_DEPENDENCIES = "integrations.dependencies-in-health"
#: The service's own health, perhaps below one prefix; what lies deeper is the health of something else.
_PATH = re.compile(
    r"(?i)(?:/[\w-]+)?/(?:health|healthz|-/healthy|livez|readyz|live|ready|readiness|liveness)"
    r"(?:/(?:live|ready|readiness|liveness|details?))?/?"
)
_LIVE = re.compile(r"(?i).*/(?:livez|live|liveness)/?")
_UP = frozenset({"up", "ok", "healthy", "pass", "passing", "alive", "ready", "serving", "green"})
_DOWN = frozenset({"down", "unhealthy", "fail", "failed", "failing", "error", "dead", "red", "critical"})
_STATUS = ("status", "state", "health")


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target for each of the two requirements."""
    yield from findings(
        _agreement(found),
        requirement=_AGREES,
        judge=_ID,
        expected="a health answer is 2xx when its body says up and 5xx when its body says down",
        base_url=found.base_url,
    )
    yield from findings(
        _dependencies(found),
        requirement=_DEPENDENCIES,
        judge=_ID,
        expected="some health answer tells the state of what the service depends on",
        base_url=found.base_url,
    )


def _healths(found: Recorded) -> Iterator[tuple[Exchange, Response, Any]]:
    for item, response in answers(found):
        is_told = response.status < 300 or response.status >= 500
        if item.request.method == "GET" and is_told and _PATH.fullmatch(item.request.path):
            yield item, response, json_of(response)


def _agreement(found: Recorded) -> Iterator[Observation]:
    for item, response, body in _healths(found):
        word = _word(body)
        if word not in _UP | _DOWN:
            continue
        flaw = "health-contradicts" if (word in _UP) is not (response.status < 300) else ""
        seen = f"{item.request.path} answered {response.status} and says {word}"
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen if flaw else "")


def _word(body: Any) -> str:
    said = next((body[name] for name in _STATUS if name in body), "") if isinstance(body, dict) else body
    return said.lower() if isinstance(said, str) else ""


def _dependencies(found: Recorded) -> Iterator[Observation]:
    """One answer that tells is enough; so the best one speaks for all, and else each for itself.

    Nobody can ask a service to tell of what it does not have, so the target file has to name something.
    """
    if not found.dependencies:
        return
    seen = [(item, body) for item, _, body in _healths(found) if isinstance(body, dict)]
    ready = [pair for pair in seen if not _LIVE.fullmatch(pair[0].request.path)]
    telling = [item for item, body in ready if _parts(body)]
    for item in telling[:1]:
        yield Observation(subject="target", exchange=item, flaw="", seen="")
    for item, _ in () if telling else ready:
        yield Observation(
            subject="target",
            exchange=item,
            flaw="dependencies-untold",
            seen=f"{item.request.path} tells no component, check or dependency",
        )


def _parts(body: Mapping[str, Any]) -> bool:
    """Whether a member holds several things with a state each."""
    return any(isinstance(value, dict | list) and value for value in body.values())


JUDGE = Judge(
    id=_ID,
    requirements=(_AGREES, _DEPENDENCIES),
    judge=judge,
    good=recorded(
        exchange(200, '{"status": "up", "checks": {"db": "up"}}', target="/health"), dependencies=("db",)
    ),
    bad=recorded(exchange(200, '{"status": "down"}', target="/health"), dependencies=("db",)),
)
