"""GraphQL over HTTP: reading requests, choosing the media type and the status. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard

from reference_impl.kit.problem import BadRequest, NotAcceptable, UnsupportedMedia

Variables = Mapping[str, object]


class Media(StrEnum):
    """The two media types of answers."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """One well-formed request."""

    query: str
    operation_name: str | None = None
    variables: Variables | None = None


class VariablesNotJson(Exception):
    """The variables of a GET are not a JSON object: a mistake inside GraphQL, not of HTTP."""


def parse_body(content_type: str | None, body: bytes) -> GraphQLRequest:
    """Read a POST: one JSON object in UTF-8, nothing else."""
    media, _, parameters = (content_type or "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower().partition("charset=")[2]
    if media.strip().lower() != Media.JSON or charset not in {"", "utf-8", "utf8"}:
        raise UnsupportedMedia("Send GraphQL requests as application/json in UTF-8.")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if isinstance(given, list):
        raise BadRequest("Batching is off: send one request at a time.")
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object.")
    _refuse_other_types(given)
    return GraphQLRequest(
        query=given["query"], operation_name=given.get("operationName"), variables=given.get("variables")
    )


def parse_parameters(query: str, operation_name: str | None, variables: str | None) -> GraphQLRequest:
    """Read a GET."""
    try:
        given = json.loads(variables) if variables else None
    except (ValueError, RecursionError):
        raise VariablesNotJson from None
    if not (given is None or _is_object(given)):
        raise VariablesNotJson
    return GraphQLRequest(query=query, operation_name=operation_name or None, variables=given)


def choose_media(accept: str | None) -> Media:
    """The best of the two for this Accept header; JSON for whoever does not say."""
    if not accept or not accept.strip():
        return Media.JSON
    weights = _weights(accept)
    graphql = weights.get(Media.GRAPHQL, 0.0)
    plain = max(weights.get(name, 0.0) for name in (Media.JSON, "application/*", "*/*"))
    if graphql <= 0 and plain <= 0:
        raise NotAcceptable(f"Answers are {Media.GRAPHQL} or {Media.JSON}.")
    return Media.GRAPHQL if graphql >= plain else Media.JSON


def status_of(answer: Mapping[str, object], media: Media) -> int:
    """A request that was never run is a 400; legacy JSON clients expect 200 for all that is well formed."""
    return 400 if media is Media.GRAPHQL and "data" not in answer else 200


def by_post_only(method: str) -> bool:
    """Whether a request of this method may run a mutation; GET is for reading."""
    return method == "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPolicies:
    """The decisions between HTTP and GraphQL."""

    read: Callable[[str | None, bytes], GraphQLRequest] = parse_body
    status: Callable[[Mapping[str, object], Media], int] = status_of
    may_mutate: Callable[[str], bool] = by_post_only


def answer_of(data: object, errors: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The answer's members; without data when nothing was run."""
    ran = data is not None or any("path" in error for error in errors) or not errors
    return ({"errors": list(errors)} if errors else {}) | ({"data": data} if ran else {})


def _refuse_other_types(given: Mapping[str, object]) -> None:
    if not isinstance(given.get("query"), str) or not given["query"]:
        raise BadRequest("The member query must be a string.")
    if not isinstance(given.get("operationName"), str | None):
        raise BadRequest("The member operationName must be a string.")
    for name in ("variables", "extensions"):
        if not isinstance(given.get(name), dict | None):
            raise BadRequest(f"The member {name} must be an object.")


def _is_object(value: object) -> TypeGuard[Variables]:
    return isinstance(value, dict)


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _number(parameter[2:])
        weights[name] = max(weight, weights.get(name, 0.0))
    return weights


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
