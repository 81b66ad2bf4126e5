"""Judges that GraphQL answers have the members, and GraphQL errors the form, of the specification."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.core.exchange import Request
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of

_ID = "graphql-errors"
_REQUIREMENT = "graphql.errors-well-formed"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without GraphQL answers there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer has data or errors; errors are a non-empty list, each with a message",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        asked = json_of(item.request)
        body = json_of(response)
        is_query = isinstance(asked, dict) and isinstance(asked.get("query"), str)
        if not is_query or not isinstance(body, dict) or not ({"data", "errors"} & set(body)):
            continue
        seen = _flaw(body)
        yield Observation(
            subject="target",
            exchange=item,
            flaw="graphql-malformed" if seen else "",
            seen=f"{item.request.path}: {seen}" if seen else "",
        )


def _flaw(body: Mapping[str, Any]) -> str:
    if "errors" not in body:
        return "" if isinstance(body["data"], dict) else "data is no object, and there are no errors"
    errors = body["errors"]
    if not isinstance(errors, list) or not errors:
        return "errors is no non-empty list"
    return next((flaw for error in errors if (flaw := _error_flaw(error))), "")


def _error_flaw(error: Any) -> str:
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return "an error has no message"
    for place in error.get("locations") or ():
        numbers = [place.get(name) for name in ("line", "column")] if isinstance(place, dict) else [None]
        if not all(isinstance(number, int) and number > 0 for number in numbers):
            return f"an error's location is {place!r}, not a line and a column from 1 on"
    path = error.get("path")
    if path is not None and not (
        isinstance(path, list) and all(isinstance(step, str | int) for step in path)
    ):
        return f"an error's path is {path!r}, not a list of names and numbers"
    if not isinstance(error.get("extensions") or {}, dict):
        return "an error's extensions is no object"
    return ""


_QUERY = Request(method="POST", target="/graphql", body='{"query": "{a}"}')

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        replace(
            exchange(200, '{"data": null, "errors": [{"message": "no", "path": ["a", 0]}]}'), request=_QUERY
        )
    ),
    bad=recorded(replace(exchange(200, '{"errors": []}'), request=_QUERY)),
)
