"""Judges that all errors of declared operations come in one format, whoever in the target made them."""

from collections.abc import Iterator

from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.curl import curl
from harness.judges.examples import exchange, item_operation, problem, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import has_body, json_of, operation_answers

_ID = "error-formats"
_REQUIREMENT = "errors.format-consistent"
_LEAST = 2


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; one error alone is consistent with anything."""
    by_type: dict[str, list[Exchange]] = {}
    for _, item, response in operation_answers(found):
        if (
            response.status >= 400
            and has_body(item, response)
            and not _is_of_another_protocol(item, response)
        ):
            by_type.setdefault(response.media_type or "no media type", []).append(item)
    if sum(len(items) for items in by_type.values()) < _LEAST:
        return
    ranked = sorted(by_type, key=lambda kind: (-len(by_type[kind]), kind))
    odd = [by_type[kind][0] for kind in ranked[1:]]
    counted = ", ".join(f"{len(by_type[kind])} of {kind}" for kind in ranked)
    examples = "; ".join(f"{item.request.method} {item.request.path}" for item in odd[:3])
    yield Finding(
        requirement=_REQUIREMENT,
        subject="target",
        outcome=Outcome.FAIL if odd else Outcome.PASS,
        reason="formats-mixed" if odd else "one-format",
        layer=Layer.JUDGES,
        producer=f"judge:{_ID}",
        expected="error answers of declared operations share one media type",
        seen=f"{counted}; e.g. {examples}" if odd else counted,
        exchanges=tuple(item.id for item in (*by_type[ranked[0]][:1], *odd)),
        reproduction=curl(odd[0].request, found.base_url) if odd else "",
    )


def _is_of_another_protocol(item: Exchange, response: Response) -> bool:
    """GraphQL and JSON-RPC have error formats of their own."""
    if response.media_type in {"application/graphql-response+json", "text/event-stream"}:
        return True
    body, asked = json_of(response), json_of(item.request)
    if isinstance(body, dict) and "jsonrpc" in body:
        return True
    return isinstance(asked, dict) and ("query" in asked or "jsonrpc" in asked)


_OPERATIONS = [item_operation()]

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(problem(404), problem(422, name="scenarios-2"), operations=_OPERATIONS),
    bad=recorded(
        problem(404),
        exchange(500, "<p>no</p>", media_type="text/html", name="scenarios-2"),
        operations=_OPERATIONS,
    ),
)
