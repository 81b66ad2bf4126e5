"""Runs one GraphQL request and shapes its errors: a code on each, nothing internal in any."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from reference_impl.chapters.graph.context import Context
from reference_impl.chapters.over_http import GraphQLRequest, answer_of
from reference_impl.chapters.service import ChapterService
from reference_impl.kit.access import Principal
from reference_impl.kit.problem import MethodNotAllowed, Problem
from reference_impl.kit.telemetry import current_request_id

_CODES = {
    400: "BAD_USER_INPUT",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    422: "BAD_USER_INPUT",
    429: "TOO_MANY_REQUESTS",
    503: "SERVICE_UNAVAILABLE",
}
_SUGGESTION = re.compile(r"\s*Did you mean [^?]*\?")
_INTERNAL = "INTERNAL_SERVER_ERROR"


class MaskError(Protocol):
    """What leaves of an error that nobody foresaw."""

    def __call__(self, error: GraphQLError) -> str: ...


def say_nothing(_: GraphQLError) -> str:
    """Keep every internal word to ourselves."""
    return "The request failed on our side. Quote the request id when asking for help."


class AnswerShape(Protocol):
    """Makes the answer's members of data and formatted errors."""

    def __call__(self, data: object, errors: Sequence[Mapping[str, object]]) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorPolicies:
    """The decisions of running a request."""

    mask: MaskError
    code: Callable[[GraphQLError], str]
    operation: Callable[[str | None], str | None]
    shape: AnswerShape


class GraphQLExecutor:
    """One schema with one service behind it."""

    def __init__(
        self,
        *,
        schema: strawberry.Schema,
        service: ChapterService,
        policies: ExecutorPolicies,
        hardened: bool,
        logger: logging.Logger,
    ) -> None:
        self._schema = schema
        self._service = service
        self._policies = policies
        self._hardened = hardened
        self._logger = logger

    async def run(
        self, request: GraphQLRequest, principal: Principal, *, may_mutate: bool
    ) -> Mapping[str, object]:
        """Return the answer's members. A mutation where none may run is an HTTP-level problem."""
        allowed = {OperationType.QUERY, OperationType.MUTATION} if may_mutate else {OperationType.QUERY}
        try:
            result = await self._schema.execute(
                request.query,
                variable_values=None if request.variables is None else dict(request.variables),
                context_value=Context(principal, self._service, operation_name=request.operation_name),
                operation_name=self._policies.operation(request.operation_name),
                allowed_operation_types=allowed,
            )
        except CannotGetOperationTypeError:
            return _refused("The document has no operation of that name.")
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                return _refused("There are no subscriptions over plain HTTP.")
            raise MethodNotAllowed("Mutations are sent by POST.", headers={"Allow": "POST"}) from None
        return self._policies.shape(result.data, [self._formatted(error) for error in result.errors or ()])

    def _formatted(self, error: GraphQLError) -> dict[str, Any]:
        message, code = self._judge(error)
        extensions: dict[str, Any] = {"code": code}
        if code == _INTERNAL:
            extensions["requestId"] = current_request_id()
        formatted: dict[str, Any] = {"message": message, "extensions": extensions}
        if error.locations:
            formatted["locations"] = [
                {"line": place.line, "column": place.column} for place in error.locations
            ]
        if error.path is not None:
            formatted["path"] = list(error.path)
        return formatted

    def _judge(self, error: GraphQLError) -> tuple[str, str]:
        cause = error.original_error
        if isinstance(cause, Problem):
            return cause.detail, _CODES.get(cause.status, "BAD_USER_INPUT")
        if cause is None or isinstance(cause, GraphQLError):
            return self._worded(error.message), self._policies.code(error)
        self._logger.error("resolver_failed", exc_info=cause, extra={"path": str(error.path)})
        return self._policies.mask(error), _INTERNAL

    def _worded(self, message: str) -> str:
        return _SUGGESTION.sub("", message) if self._hardened else message


def as_named(operation_name: str | None) -> str | None:
    """Run the operation that the client named."""
    return operation_name


def code_of(error: GraphQLError) -> str:
    code = (error.extensions or {}).get("code")
    if isinstance(code, str):
        return code
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "GRAPHQL_VALIDATION_FAILED" if error.path is None else "BAD_USER_INPUT"


def _refused(message: str) -> Mapping[str, object]:
    return answer_of(None, [{"message": message, "extensions": {"code": "OPERATION_RESOLUTION_FAILURE"}}])
