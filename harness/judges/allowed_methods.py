"""Judges that a 405 names the methods a resource does support."""

from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, item_operation, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, is_graphql_by_get

_ID = "allowed-methods"
_REQUIREMENT = "api.method-not-allowed-names-methods"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without a 405 there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="a 405 carries Allow with the methods the resource supports and without the refused one",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.status == 405 and not is_graphql_by_get(item.request):
            flaw, seen = _flaw(found, item, response)
            yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(found: Recorded, item: Exchange, response: Response) -> tuple[str, str]:
    request = item.request
    where = f"{request.method} {request.path}"
    fields = response.all("allow")
    if not fields:
        return "allow-missing", f"{where}: no Allow header"
    allowed = {name.strip().upper() for field in fields for name in field.split(",") if name.strip()}
    if request.method in allowed:
        return "allow-names-refused", f"{where}: Allow lists {request.method} itself"
    if missing := sorted(found.operations.methods_at(request.path) - allowed):
        return "allow-incomplete", f"{where}: Allow lacks {', '.join(missing)}, which the document declares"
    return "", ""


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        problem(405, method="DELETE", headers={"Allow": "GET, HEAD"}), operations=[item_operation()]
    ),
    bad=recorded(exchange(405, "{}", method="DELETE"), operations=[item_operation()]),
)
