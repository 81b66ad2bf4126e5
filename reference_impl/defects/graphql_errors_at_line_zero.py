"""GraphQL errors count the lines of a query from zero."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_ASKS = at("POST", "/graphql")
_PLACES = "locations"


def _counted_from_zero(error: dict[str, Any]) -> dict[str, Any]:
    places = [{**place, "line": place["line"] - 1} for place in error.get(_PLACES) or ()]
    return {**error, _PLACES: places} if places else error


def _wrong(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    errors = members.get("errors")
    if not isinstance(errors, list) or not any(error.get(_PLACES) for error in errors):
        return answer
    return answer.saying({**members, "errors": [_counted_from_zero(error) for error in errors]})


def _extended(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    return answer.saying({**members, "extensions": {"cost": 1}}) if "errors" in members else answer


DEFECT = Defect(
    id="graphql-errors-at-line-zero",
    family="graphql-http",
    title="GraphQL errors count the lines of a query from zero.",
    breaks=("graphql.errors-well-formed",),
    apply=wrong_answers(_ASKS, _wrong),
    twin=harmless_answers(_ASKS, _extended),
)
