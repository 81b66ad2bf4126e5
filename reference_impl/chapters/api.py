"""GraphQL over HTTP at /graphql."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from reference_impl.chapters.executor import GraphQLExecutor
from reference_impl.chapters.over_http import (
    GraphQLRequest,
    HttpPolicies,
    Media,
    VariablesNotJson,
    answer_of,
    choose_media,
    parse_parameters,
)
from reference_impl.kit.access import Principal, require
from reference_impl.kit.problem import MethodNotAllowed, NotAcceptable, problem_responses

_REQUEST: Mapping[str, Any] = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "minLength": 1, "description": "The GraphQL document."},
        "operationName": {"type": ["string", "null"]},
        "variables": {"type": ["object", "null"]},
        "extensions": {"type": ["object", "null"]},
    },
    "examples": [{"query": "{ documents(first: 1) { totalCount } }"}],
}
_BODY: Mapping[str, Any] = {"required": True, "content": {Media.JSON.value: {"schema": _REQUEST}}}
_ANSWER: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "data": {"type": ["object", "null"]},
        "errors": {"type": "array", "items": {"type": "object", "required": ["message"]}},
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The result; with legacy JSON also that of a document that could not be run.",
        "content": {media.value: {"schema": _ANSWER} for media in Media},
    },
    400: {
        "description": "The request is not well formed, or its document cannot be run.",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            Media.GRAPHQL.value: {"schema": _ANSWER},
        },
    },
}


def build(executor: GraphQLExecutor, policies: HttpPolicies) -> APIRouter:
    """The one GraphQL route, for queries and mutations by POST and for queries by GET."""
    router = APIRouter(tags=["chapters"])

    async def run(asked: GraphQLRequest, principal: Principal, media: Media, *, method: str) -> Response:
        answer = await executor.run(asked, principal, may_mutate=policies.may_mutate(method))
        return _response(answer, media, policies)

    @router.post(
        "/graphql",
        summary="Run a GraphQL query or mutation.",
        responses=_ANSWERS | problem_responses(NotAcceptable),
        openapi_extra={
            "requestBody": {"required": True, "content": {Media.JSON.value: {"schema": _REQUEST}}}
        },
    )
    async def run_graphql(request: Request, principal: Principal = require("chapters:read")) -> Response:
        media = choose_media(request.headers.get("accept"))
        asked = policies.read(request.headers.get("content-type"), await request.body())
        return await run(asked, principal, media, method="POST")

    @router.get(
        "/graphql",
        summary="Run a GraphQL query.",
        responses=_ANSWERS | problem_responses(MethodNotAllowed, NotAcceptable),
    )
    async def query_graphql(
        request: Request,
        *,
        query: Annotated[
            str, Query(min_length=1, description="The GraphQL document.", examples=["{ __typename }"])
        ],
        operation_name: Annotated[str | None, Query(alias="operationName")] = None,
        variables: Annotated[str | None, Query(description="A JSON object.")] = None,
        principal: Principal = require("chapters:read"),
    ) -> Response:
        media = choose_media(request.headers.get("accept"))
        try:
            asked = parse_parameters(query, operation_name, variables)
        except VariablesNotJson:
            return _response(answer_of(None, [_NOT_JSON]), media, policies)
        return await run(asked, principal, media, method="GET")

    return router


_NOT_JSON = {"message": "The variables must be a JSON object.", "extensions": {"code": "BAD_USER_INPUT"}}


def _response(answer: Mapping[str, object], media: Media, policies: HttpPolicies) -> Response:
    return Response(
        json.dumps(answer, separators=(",", ":")).encode(),
        status_code=policies.status(answer, media),
        media_type=f"{media.value}; charset=utf-8",
    )
