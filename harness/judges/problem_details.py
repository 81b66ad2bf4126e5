"""Judges that every error answer is problem details, whoever in the target made it."""

from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.judges.examples import PROBLEM, exchange, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, has_body, json_of

_ID = "problem-details"
_REQUIREMENT = "errors.problem-details-everywhere"
_MEMBERS = {"type": str, "title": str, "status": int}


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="every 4xx and 5xx answer is application/problem+json with type, title and status",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        if response.status < 400 or item.request.method == "HEAD" or _has_its_own_format(item, response):
            continue
        flaw, seen = _flaw(item, response)
        yield Observation(subject="target", exchange=item, flaw=flaw, seen=seen)


def _flaw(item: Exchange, response: Response) -> tuple[str, str]:
    where = f"{item.request.method} {item.request.path} answered {response.status}"
    if response.media_type != PROBLEM:
        kind = response.media_type or ("an untyped body" if has_body(item, response) else "no body")
        return "not-problem-details", f"{where} with {kind}"
    body = json_of(response)
    if body is None:
        return "", ""  # cut or compressed in a way that cannot be read here: the media type has to do
    if not isinstance(body, dict):
        return "problem-not-an-object", f"{where} with a problem that is no object"
    missing = [
        name for name, kind in _MEMBERS.items() if name != "status" and not isinstance(body.get(name), kind)
    ]
    if "status" not in body:
        missing.append("status")
    if missing:
        return "problem-member-missing", f"{where} with a problem without {', '.join(missing)}"
    return "", ""


def _has_its_own_format(item: Exchange, response: Response) -> bool:
    """Whether a protocol on top of HTTP prescribes the error's shape: GraphQL or JSON-RPC (MCP)."""
    if response.media_type == "application/graphql-response+json":
        return True
    body = json_of(response)
    if not isinstance(body, dict):
        return False
    if body.get("jsonrpc") == "2.0":
        return True
    asked = json_of(item.request)
    return isinstance(body.get("errors"), list) and isinstance(asked, dict) and "query" in asked


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(404)),
    bad=recorded(exchange(404, '{"detail": "Not Found"}')),
)
