"""Judges that the ids which a target gives its answers tell one request from another."""

from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, operation_answers

_ID = "unique-request-ids"
_REQUIREMENT = "monitoring.request-ids-unique"
_NAMES = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "x-trace-id")
_LEAST = 2


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; one answer alone shows nothing."""
    observations = list(_observations(found))
    if len(observations) >= _LEAST:
        yield from findings(
            observations,
            requirement=_REQUIREMENT,
            judge=_ID,
            expected="answers carry a request id, and no two requests share one that the client did not send",
            base_url=found.base_url,
        )


def _observations(found: Recorded) -> Iterator[Observation]:
    first: dict[tuple[str, str], Exchange] = {}
    for item, response in _of_the_application(found):
        given = next(((name, value) for name in _NAMES if (value := response.header(name))), None)
        where = f"{item.request.method} {item.request.path}"
        if given is None:
            yield Observation(
                subject="target", exchange=item, flaw="id-missing", seen=f"{where} is answered without an id"
            )
        elif item.request.header(given[0]) is None:
            earlier = first.setdefault(given, item)
            is_repeated = earlier is not item
            seen = f"{where} and {earlier.request.path} share {given[0]}: {given[1]}"
            flaw = "id-repeated" if is_repeated else ""
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen if flaw else "")


def _of_the_application(found: Recorded) -> Iterator[tuple[Exchange, Response]]:
    """Return the answers of declared operations, or all of them where none is declared."""
    if len(found.operations):
        for _, item, response in operation_answers(found):
            yield item, response
    else:
        yield from answers(found)


_FIRST = exchange(200, "{}", headers={"X-Request-ID": "a1"})
_SECOND = exchange(200, "{}", name="scenarios-2", headers={"X-Request-ID": "a2"})
_REPEATED = exchange(200, "{}", name="scenarios-2", headers={"X-Request-ID": "a1"})

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(_FIRST, _SECOND),
    bad=recorded(_FIRST, _REPEATED),
)
